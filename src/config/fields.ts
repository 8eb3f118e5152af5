// Fields that several sections of the configuration have.
import { z } from 'zod';
import { parseNetwork } from '../networks.ts';
import { regionName } from './partition.ts';

const duration = z.string().transform((text, context) => {
  const [, amount, unit] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    context.addIssue({ code: 'custom', message: 'is not a duration such as 30s, 15m or 8h' });
    return z.NEVER;
  }
  return Number(amount) * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 's' | 'm' | 'h' | 'd'];
});

/** A duration between two bounds, given in minutes; milliseconds come out. */
export const between = (minMinutes: number, maxMinutes: number) =>
  duration.refine((ms) => ms >= minMinutes * 60_000 && ms <= maxMinutes * 60_000, {
    message: `must be between ${minMinutes} and ${maxMinutes} minutes`,
  });

export const httpUrl = z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
  message: 'is not an http or https URL',
});

/** One line of text that XML can contain. */
export const line = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .refine((text) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text), { message: 'holds a control character' });

const network = z.string().transform((text, context) => {
  const parsed = parseNetwork(text);
  if (parsed) return parsed;
  context.addIssue({ code: 'custom', message: 'is not an IP address or network such as 10.0.0.11 or 10.0.0.0/8' });
  return z.NEVER;
});
export const networkList = z.array(network).min(1).max(50);

/** What a grant asks of the sign-in and of the request. */
export const requirement = z
  .strictObject({
    authnContext: z.string().optional(),
    maxAuthenticationAge: between(1, 24 * 60).optional(),
    network: networkList.optional(),
  })
  .prefault({});

export const port = z.number().int().min(0).max(65_535);
export const keyPair = z.strictObject({ key: z.string(), cert: z.string() });

/** A key that stays in AWS KMS. */
export const kmsKey = z.strictObject({
  keyId: z.string().regex(/^[\w:/-]{1,2048}$/, 'is neither the id, the ARN nor the alias of a key'),
  /** Default: aws.region. */
  region: regionName.optional(),
  /** In place of AWS's own: a VPC endpoint. */
  endpoint: httpUrl.optional(),
});

/** A private key for signatures, in a file or in AWS KMS, with the certificate that others know it by. */
export const signingPair = z
  .strictObject({ key: z.string().optional(), kms: kmsKey.optional(), cert: z.string() })
  .refine(({ key, kms }) => (key === undefined) !== (kms === undefined), {
    path: ['key'],
    message: 'give either key, a file, or kms',
  });
export type SigningPairSection = z.output<typeof signingPair>;
