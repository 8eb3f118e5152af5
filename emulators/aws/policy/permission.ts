// Refuses a call for which the caller's own policies give no permission.

import { AwsError } from '../errors.ts';
import { type Call, callerOf } from '../operation.ts';
import { callerContext } from '../sts/caller.ts';
import type { World } from '../world.ts';
import { whyNotPermitted } from './identity-policy.ts';

/** The action and its resource: as policies match it, and as the message shows it where that differs. */
export interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly shownResource?: string;
  /** Condition keys beside those of caller and request. */
  readonly context?: readonly (readonly [string, readonly string[]])[];
}

/** @throws AwsError 403 AccessDenied in the words of the service */
export function requirePermission(world: World, call: Call, asked: Asked): void {
  const caller = callerOf(call);
  const { action, resource, shownResource = resource } = asked;
  const context = new Map([...callerContext(world, call.request, caller), ...(asked.context ?? [])]);
  const isSts = action.startsWith('sts:');
  const isShutOut = isSts && ['federated-user', 'session'].includes(caller.principal.kind);
  const why = whyNotPermitted(world, caller, { action, resource, context });
  if (why === undefined && !isShutOut) return;
  const message = `User: ${caller.principal.arn} is not authorized to perform: ${action} on resource: ${shownResource}`;
  throw new AwsError(403, 'AccessDenied', isSts || why === undefined ? message : `${message} ${why}`);
}
