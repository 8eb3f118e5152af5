// What every audit record about one session at AWS says, and the record of a request that failed.
import type { EligibleRole } from '../../access/model.ts';
import type { Audit, CredentialFacts, RequestFacts } from '../../audit/events.ts';
import { BrokerError } from '../../errors.ts';
import type { SignedInSession } from '../sign-in/session.ts';
import type { Purpose } from './granted-role.ts';

export function credentialFacts(
  { identity, assertionId: signInAssertionId }: SignedInSession,
  { roleArn, mode, rule }: EligibleRole,
  purpose: Purpose,
  roleSessionName: string,
): CredentialFacts {
  const { idp, user } = identity;
  return { idp, user, purpose, roleArn, mode, roleSessionName, rule, signInAssertionId };
}

/** Writes nothing if the audit trail itself failed: the caller gets that error. */
export async function recordFailure(
  audit: Audit,
  facts: CredentialFacts,
  error: unknown,
  request: RequestFacts,
): Promise<void> {
  const known = error instanceof BrokerError ? error : undefined;
  if (known?.code === 'audit_unavailable') return;
  const code = known?.code ?? 'internal';
  const detail = known?.message ?? 'unexpected error';
  await audit.record({ event: 'credentials_refused', ...facts, code, detail }, request);
}
