// GetSessionToken (STS API): row B8. A user's own session, with or without a second factor; it needs no permission.

import { callerOf, type Operation } from '../operation.ts';
import { refuseSessions, userSessionEnd } from './federation-token.ts';
import { SERIAL_NUMBER, TOKEN_CODE, USER_DURATION } from './member-rules.ts';
import { checkMfa } from './mfa.ts';
import { checkRegion, credentialsMembers, shownCredentials } from './role-session.ts';

const DEFAULT_SECONDS = 43_200;

/** The operation, for the dispatcher. */
export const getSessionToken: Operation = {
  name: 'GetSessionToken',
  isSigned: true,
  members: [USER_DURATION, SERIAL_NUMBER, TOKEN_CODE],
  shownMembers: ['DurationSeconds', 'SerialNumber'],
  run(world, call) {
    refuseSessions(call, 'GetSessionToken');
    const { principal } = callerOf(call);
    const { request, draft } = call;
    checkRegion(world.estate(), principal.accountId, request.host.region);
    const mfaAt = checkMfa(world, call);
    const credentials = world.credentials.issue(
      { ...principal, kind: 'session', issuerArn: principal.arn, mfaAt, issuedAt: request.now },
      userSessionEnd(call, DEFAULT_SECONDS),
    );
    draft.responseElements = { credentials: shownCredentials(credentials) };
    return [['Credentials', credentialsMembers(credentials)]];
  },
};
