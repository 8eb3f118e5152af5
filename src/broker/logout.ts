// Ends a session here.
import type { Audit, RequestFacts } from '../audit/events.ts';
import type { SignedInSession } from './session.ts';

export interface LogoutDeps {
  readonly audit: Audit;
}

export interface Logout {
  readonly session: SignedInSession | undefined;
  readonly endSession: () => Promise<void>;
  readonly request: RequestFacts;
}

/** SDP-SP34: our own session ends first, whatever comes after. @throws BrokerError store_unavailable */
export async function logout({ audit }: LogoutDeps, { session, endSession, request }: Logout): Promise<void> {
  await endSession();
  if (!session) return;
  const { idp, user } = session.identity;
  await audit.record({ event: 'sign_out', idp, user }, request);
}
