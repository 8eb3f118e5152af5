// The section `audit`: where records go, and the key that signs their chain.
import { z } from 'zod';
import { between, httpUrl, kmsKey, line } from '../fields.ts';
import { regionName } from '../partition.ts';

const common = {
  /** required: without it nothing is handed out; buffered: a bounded buffer, and what does not fit is counted. */
  mode: z.enum(['required', 'buffered']).default('required'),
  /** Records that a buffered sink holds. */
  buffer: z.int().min(100).max(1_000_000).default(10_000),
};

const sink = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('stdout'), ...common }),
  z.strictObject({ type: z.literal('file'), path: z.string().min(1), ...common }),
  z.strictObject({
    type: z.literal('syslog'),
    host: z.string().min(1),
    /** RFC 5425: 6514 with TLS. */
    port: z.int().min(1).max(65_535).default(6514),
    tls: z.boolean().default(true),
    ca: z.string().optional(),
    cert: z.string().optional(),
    key: z.string().optional(),
    ...common,
  }),
  z.strictObject({
    type: z.literal('http'),
    url: httpUrl,
    /** Value of the header Authorization. */
    authorization: line(4096).optional(),
    ...common,
  }),
  z.strictObject({
    type: z.literal('cloudwatch'),
    group: z.string().regex(/^[\w./#-]{1,512}$/, 'is not the name of a log group'),
    region: regionName.optional(),
    /** In place of AWS's own: a VPC endpoint. */
    endpoint: httpUrl.optional(),
    ...common,
  }),
]);
export type SinkSection = z.output<typeof sink>;

export const auditSchema = z
  .strictObject({
    /** One sink. Several: `sinks`. */
    type: z.enum(['stdout', 'file']).optional(),
    path: z.string().optional(),
    sinks: z.array(sink).min(1).max(5).optional(),
    signing: z
      .strictObject({
        /** A file, or kms with the public key beside it. */
        key: z.string().optional(),
        kms: kmsKey.optional(),
        publicKey: z.string().optional(),
        /** A signature covers what was written for so long, or so many records. */
        interval: between(0.1, 60).default(60_000),
        records: z.int().min(1).max(100_000).default(1000),
      })
      .refine(({ key, kms }) => (key === undefined) !== (kms === undefined), {
        path: ['key'],
        message: 'give either key, a file, or kms',
      })
      .refine(({ kms, publicKey }) => (kms === undefined) === (publicKey === undefined), {
        path: ['publicKey'],
        message: 'goes with kms: a file with the public key or certificate of that key',
      })
      .optional(),
  })
  .superRefine(({ type, path, sinks }, context) => {
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    if (sinks && type !== undefined) complain('sinks', 'excludes type and path: put them into the list');
    if (type === 'file' && path === undefined) complain('path', 'is needed with type: file');
    if (type !== 'file' && path !== undefined) complain('path', 'is for type: file');
    if (sinks && sinks.length > 0 && sinks.every(({ mode }) => mode === 'buffered'))
      complain('sinks', 'needs at least one with mode: required');
  });
export type AuditSection = z.output<typeof auditSchema>;
