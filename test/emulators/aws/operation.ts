// What one STS operation is to the dispatcher: its name, its members, and how it answers. One file per operation.
import type { IssuedCredentials } from './credentials.ts';
import type { EventDraft } from './events.ts';
import type { MemberRule, Params } from './members.ts';
import type { ReceivedRequest } from './received-request.ts';
import type { World } from './world.ts';
import type { AnswerMembers } from './xml.ts';

/** One call of an operation. */
export interface Call {
  readonly request: ReceivedRequest;
  readonly params: Params;
  /** Set for a signed operation, after the signature has been verified. */
  readonly caller: IssuedCredentials | undefined;
  /** Filled by the operation while it learns more; becomes the event. */
  readonly draft: EventDraft;
}

/** One operation of the Query API. */
export interface Operation {
  readonly name: string;
  readonly isSigned: boolean;
  readonly members: readonly MemberRule[];
  /** Request members that CloudTrail shows. */
  readonly shownMembers: readonly string[];
  /** @throws AwsError to refuse */
  run(world: World, call: Call): AnswerMembers;
}
