// What a browser posts to the AssertionConsumerService.
import type { RequestFacts } from '../../audit/events.ts';
import type { SignedInSession } from './session.ts';

export interface PostedForm {
  /** As the form had them: a string, nothing, or several. */
  readonly samlResponse: unknown;
  readonly relayState: unknown;
  readonly browserSecret: string;
  readonly request: RequestFacts;
  /** Opens the browser's new session, under a new id. `register` is told its handle before it can be used. */
  readonly openSession: (session: SignedInSession, register: (handle: string) => Promise<void>) => Promise<void>;
}

export interface PostedResponse extends PostedForm {
  readonly samlResponse: string;
  /** The id of the pending login; for an unsolicited response whatever the IdP sent, or nothing. */
  readonly relayState: string;
}
