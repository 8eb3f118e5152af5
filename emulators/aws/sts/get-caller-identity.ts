// GetCallerIdentity (STS API): tells a signed caller who it is, without any permission check.
import type { Operation } from '../operation.ts';

/** The operation, for the dispatcher. */
export const getCallerIdentity: Operation = {
  name: 'GetCallerIdentity',
  isSigned: true,
  members: [],
  shownMembers: [],
  run(_world, call) {
    const principal = call.caller?.principal;
    return [
      ['Arn', principal?.arn],
      ['UserId', principal?.userId],
      ['Account', principal?.accountId],
    ];
  },
};
