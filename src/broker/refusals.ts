// The last refused sign-ins and credentials, for administrators to look at. A convenience beside the audit trail: bounded, sealed, and
// never in the way of an answer.
import { z } from 'zod';
import type { Audit, AuditEvent, RequestFacts } from '../audit/events.ts';
import type { Clock } from '../clock.ts';
import { errorCodes, samlReasons } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type RandomBytes, randomSecret } from '../random.ts';
import type { HashedIndex } from '../store/hashed-index.ts';
import { inBatches } from '../store/in-batches.ts';
import type { SharedRecords } from '../store/shared-records.ts';

type RefusedSignIn = Extract<AuditEvent, { event: 'sign_in_refused' }>;
type RefusedCredentials = Extract<AuditEvent, { event: 'credentials_refused' }>;

const refusalShape = z.object({
  idp: z.string().optional(),
  code: z.enum(errorCodes),
  reason: z.enum(samlReasons).optional(),
  detail: z.string(),
  /** Quoted and cut: what the message had, what it should have, which algorithm it used. */
  received: z.string().optional(),
  expected: z.string().optional(),
  algorithm: z.string().optional(),
  /** Who asked for which credentials; undefined for a sign-in. */
  role: z.object({ user: z.string(), roleArn: z.string(), rule: z.string() }).optional(),
  /** ISO 8601 */
  time: z.string(),
  requestId: z.string(),
  sourceIp: z.string(),
});
export type Refusal = Readonly<z.output<typeof refusalShape>>;

export interface Refusals {
  /** The audit trail as it was; what was refused is kept here as well, once they are recorded. */
  readonly remembered: (audit: Audit) => Audit;
  /** Of all processes, the newest first. @throws BrokerError store_unavailable */
  readonly last: () => Promise<Refusal[]>;
}

/** How many are kept for each process, and shown. */
export const maxRefusals = 200;
const ttlMs = 7 * 86_400_000;
const subject = 'processes';

/** Each process writes its own ring buffer: without a read before a write, and bounded under a flood of refusals. */
export function createRefusals({
  records,
  index,
  clock,
  random,
  log,
}: {
  readonly records: SharedRecords;
  /** Which processes have records. */
  readonly index: HashedIndex;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}): Refusals {
  const process = randomSecret(random);
  let written = 0;
  const remember = async (event: RefusedSignIn | RefusedCredentials, request: RequestFacts | undefined) => {
    const { requestId = '', sourceIp = '' } = request ?? {};
    const refusal: Refusal = { time: clock.now().toISOString(), ...factsOf(event), requestId, sourceIp };
    const slot = written++ % maxRefusals;
    await index.add(subject, { label: process, value: process }, ttlMs);
    await records.write(slotName(process, slot), refusal, ttlMs);
  };
  return {
    remembered: (audit) => ({
      record: async (event, request) => {
        await audit.record(event, request);
        // With the store down the answer must not wait for the store a second time.
        if (event.event !== 'sign_in_refused' && event.event !== 'credentials_refused') return;
        if (event.code === 'store_unavailable') return;
        try {
          await remember(event, request);
        } catch (error) {
          // The record is written; the person gets the answer that they would have got.
          log.warn({ requestId: request?.requestId, detail: (error as Error).message }, 'refusal not stored');
        }
      },
    }),
    last: async () => {
      const processes = new Set((await index.find(subject, undefined)).map(({ value }) => value));
      const names = [...processes].flatMap((each) =>
        Array.from({ length: maxRefusals }, (_, slot) => slotName(each, slot)),
      );
      const found = await inBatches(names, (name) => records.read(name, refusalShape));
      return found
        .filter((each) => each !== undefined)
        .sort((a, b) => b.time.localeCompare(a.time))
        .slice(0, maxRefusals);
    },
  };
}

function factsOf(event: RefusedSignIn | RefusedCredentials) {
  const { idp, code, detail } = event;
  if (event.event === 'sign_in_refused') {
    const { reason, received, expected, algorithm } = event;
    return { idp, code, reason, detail, received, expected, algorithm };
  }
  const { user, roleArn, rule } = event;
  return { idp, code, reason: undefined, detail, role: { user, roleArn, rule } };
}

function slotName(process: string, slot: number): string {
  return `${process}:${slot}`;
}
