// DecodeAuthorizationMessage (STS API): row B11. The emulator encodes no such message, so that every one of them is junk.
import { AwsError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { requirePermission } from '../policy/permission.ts';

/** The operation, for the dispatcher. */
export const decodeAuthorizationMessage: Operation = {
  name: 'DecodeAuthorizationMessage',
  isSigned: true,
  members: [{ name: 'EncodedMessage', isRequired: true, minLength: 1, maxLength: 10_240, isSensitive: true }],
  shownMembers: [],
  run(world, call) {
    requirePermission(world, call, { action: 'sts:DecodeAuthorizationMessage', resource: '*' });
    throw new AwsError(400, 'InvalidAuthorizationMessageException', 'Message is not valid');
  },
};
