// A trust policy as IAM returns it, and what can be said of it.
import { z } from 'zod';
import { conditionBlock } from './trust-conditions.ts';

export type TrustVerdict =
  | 'fits'
  | 'lacks_action'
  | 'wrong_provider'
  | 'wrong_audience'
  | 'unmet_condition'
  | 'cannot_be_judged'
  | 'too_broad'
  | 'malformed';

export interface TrustFinding {
  readonly verdict: TrustVerdict;
  readonly text: string;
  /** What to do, in one sentence; empty where it fits. */
  readonly fix: string;
}

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const principals = z.union([z.literal('*'), z.record(z.string(), texts)]);
const statementShape = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principals.optional(),
  NotPrincipal: principals.optional(),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Condition: conditionBlock.optional(),
});
export const policyShape = z.object({
  Statement: z.union([statementShape, z.array(statementShape)]).transform((value) => [value].flat()),
});

export type Statement = z.output<typeof statementShape>;
