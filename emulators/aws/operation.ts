// What one STS operation is to the dispatcher: its name, its members, and how it answers. One file per operation.

import type { EventDraft } from './events.ts';
import type { ReceivedRequest } from './received-request.ts';
import type { IssuedCredentials } from './sts/credentials.ts';
import type { MemberRule, Params } from './sts/members.ts';
import type { World } from './world.ts';
import type { AnswerMembers } from './xml/xml.ts';

/** One call of an operation. */
export interface Call {
  readonly request: ReceivedRequest;
  readonly params: Params;
  /** Set for a signed operation, after the signature has been verified. */
  readonly caller: IssuedCredentials | undefined;
  /** Filled by the operation while it learns more; becomes the event. */
  readonly draft: EventDraft;
}

/** The caller of a signed operation. @throws Error when the operation is not one */
export function callerOf({ caller }: Call): IssuedCredentials {
  if (caller === undefined) throw new Error('only a signed operation has a caller');
  return caller;
}

/** One operation of the Query API. */
export interface Operation {
  readonly name: string;
  /** Default `sts`. */
  readonly service?: 'sts' | 'iam';
  readonly isSigned: boolean;
  readonly members: readonly MemberRule[];
  /** Request members that CloudTrail shows. */
  readonly shownMembers: readonly string[];
  /** @throws AwsError to refuse */
  run(world: World, call: Call): AnswerMembers | Promise<AnswerMembers>;
}
