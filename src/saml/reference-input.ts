// What the reference verifier is given, and what it says. Plain data: it crosses to a worker thread, and this file loads
// none of the reference's libraries.
import type { Evidence } from './evidence.ts';
import type { ValidatedResponse } from './validate-response.ts';

export interface ReferenceInput {
  readonly evidence: Evidence;
  /** What the first verifier read, by name; lists in the order of the document. */
  readonly values: ReferenceValues;
}

export type ReferenceValues = Readonly<Record<string, string | readonly string[] | undefined>>;

export type ReferenceVerdict = { readonly agrees: true } | { readonly agrees: false; readonly difference: string };

export function referenceInput({ assertion, evidence }: ValidatedResponse): ReferenceInput {
  const { id, issuer, issueInstant, nameId, authn, attributes } = assertion;
  const values: Record<string, string | readonly string[] | undefined> = {
    id,
    issuer,
    issueInstant: issueInstant.toISOString(),
    nameId: nameId?.value,
    nameIdFormat: nameId?.format || undefined,
    sessionIndex: authn.sessionIndex,
    authnInstant: authn.authnInstant.toISOString(),
    contexts: authn.contexts,
  };
  for (const [name, texts] of attributes) values[`attribute ${name}`] = texts;
  return { evidence, values };
}
