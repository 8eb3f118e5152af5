// GetAccessKeyInfo (STS API): the account of an access key.
import { validationError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { requirePermission } from '../policy/permission.ts';
import { findCredentials } from '../world.ts';

/** The operation, for the dispatcher. */
export const getAccessKeyInfo: Operation = {
  name: 'GetAccessKeyInfo',
  isSigned: true,
  members: [
    {
      name: 'AccessKeyId',
      isRequired: true,
      minLength: 16,
      maxLength: 128,
      pattern: { regExp: /^\w*$/, shown: '[\\w]*' },
    },
  ],
  shownMembers: ['AccessKeyId'],
  run(world, call) {
    requirePermission(world, call, { action: 'sts:GetAccessKeyInfo', resource: '*' });
    const found = findCredentials(world, call.params.get('AccessKeyId') ?? '');
    if (found === undefined) throw validationError('Invalid access key ID');
    return [['Account', found.principal.accountId]];
  },
};
