// Session policies as the file gives them: a document, ARNs, or the id of one that the portal offers.
import { z } from 'zod';
import { maxPolicyLength } from '../access/source-addresses.ts';

/** Comes out as text without white space, as it is sent. */
export const policyDocument = z
  .strictObject({ Version: z.literal('2012-10-17'), Statement: z.array(z.record(z.string(), z.unknown())).min(1) })
  .transform((policy) => JSON.stringify(policy))
  .refine((text) => text.length <= maxPolicyLength, { message: 'is longer than the 2,048 characters that STS takes' })
  // STS API Policy: tab, LF, CR and U+0020 to U+00FF.
  .refine((text) => /^[ -\u00ff]*$/.test(text), { message: 'holds a character that STS does not take in a policy' });

const policyArn = z
  .string()
  .max(2048)
  .regex(
    /^arn:aws[a-z-]*:iam::(aws|\d{12}|\{accountId\}):policy\/([!-~]{1,510}\/)?[\w+=,.@-]{1,128}$/,
    'is not the ARN of an IAM policy',
  );

/** What limits every session of a rule or a mode, whatever is asked for. */
export const sessionLimit = z
  .strictObject({
    /** Id of one of portal.sessionPolicies. */
    preset: z.string().optional(),
    document: policyDocument.optional(),
    arns: z.array(policyArn).max(10, 'STS takes at most 10').default([]),
  })
  .refine(({ preset, document, arns }) => preset !== undefined || document !== undefined || arns.length > 0, {
    message: 'names no policy: give document, preset or arns',
  })
  .refine(({ preset, document }) => preset === undefined || document === undefined, {
    message: 'document and preset exclude each other: STS takes one inline policy',
  });

export interface SessionLimit {
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
}

/** The limit with its preset found. STS counts document and ARNs together. */
export function resolveLimit(
  given: z.output<typeof sessionLimit> | undefined,
  path: string,
  { presets, problems }: { presets: readonly { id: string; policy: string }[]; problems: string[] },
): SessionLimit {
  if (given === undefined) return { policy: undefined, policyArns: [] };
  const preset = presets.find(({ id }) => id === given.preset);
  if (given.preset !== undefined && !preset) {
    problems.push(`${path}.preset: portal.sessionPolicies has none with the id ${given.preset}`);
  }
  const policy = given.document ?? preset?.policy;
  const length = (policy?.length ?? 0) + given.arns.join('').length;
  if (length > maxPolicyLength) {
    problems.push(`${path}: document and ARNs have ${length} characters together, and STS takes 2,048`);
  }
  return { policy, policyArns: given.arns };
}
