// Credentials for several roles at once: each is audited and answered as one alone would be.
import type { Request } from 'express';
import type { EligibleRole } from '../../access/model.ts';
import type { CredentialOptions, IssuedCredentials } from '../../broker/credentials/credentials.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError, type ErrorCode } from '../../errors.ts';
import { requestFacts, type Services } from '../context.ts';
import { requestedRole } from '../portal/session-roles.ts';

/** A person waits for all of them. */
export const maxBatch = 20;
const atOnce = 4;

export type Outcome =
  | { readonly issued: IssuedCredentials }
  | { readonly role: EligibleRole | undefined; readonly code: ErrorCode };

/** In the order of the ARNs. The failure of one role does not affect the others. */
export async function issueBatch(
  services: Services,
  request: Request,
  session: SignedInSession,
  roles: readonly EligibleRole[],
  roleArns: readonly string[],
  options: CredentialOptions,
): Promise<Outcome[]> {
  const { credentials, log } = services;
  const outcomes: Outcome[] = [];
  const issueOne = async (roleArn: string): Promise<Outcome> => {
    const requested = requestedRole(request, { session, roles, roleArn }, services);
    try {
      return { issued: await credentials.issue(requested, options, requestFacts(request)) };
    } catch (error) {
      const code = error instanceof BrokerError ? error.code : 'internal';
      const facts = { requestId: request.requestId, roleArn, code, detail: (error as Error).message };
      log.warn(facts, 'one of several roles got no credentials');
      return { role: requested.role, code };
    }
  };
  for (let start = 0; start < roleArns.length; start += atOnce) {
    outcomes.push(...(await Promise.all(roleArns.slice(start, start + atOnce).map(issueOne))));
  }
  return outcomes;
}
