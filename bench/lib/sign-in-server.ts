// What every service provider under test offers to the sign-in subject, and what they have in common.
import { inflateRawSync } from 'node:zlib';
import { inParallel, postForm, type Reply } from './http.ts';
import type { Idp } from './idp.ts';
import { measureRequests } from './measure-requests.ts';

/** A running service provider. */
export interface SignInServer {
  readonly name: string;
  readonly acsUrl: string;
  readonly spEntityId: string;
  /** Its processes; descendants count as well. */
  readonly pids: readonly number[];
  /** Starts a sign-in; undefined: it takes unsolicited responses and is measured with these. */
  readonly begin: (() => Promise<PendingSignIn>) | undefined;
  isSignedIn(reply: Reply): boolean;
  close(): Promise<void>;
}

interface PendingSignIn {
  readonly inResponseTo?: string;
  readonly relayState?: string;
  readonly cookie?: string;
}

/** What remains to be done for one sign-in: one POST. */
export interface PreparedPost {
  readonly fields: Readonly<Record<string, string>>;
  readonly cookie: string | undefined;
}

/** Starts a sign-in and mints the answer. */
export async function prepare(
  server: SignInServer,
  idp: Idp,
  groups: number,
  edit?: (xml: string) => string,
): Promise<PreparedPost> {
  const pending = (await server.begin?.()) ?? {};
  const { acsUrl, spEntityId } = server;
  const { inResponseTo, relayState, cookie } = pending;
  const response = idp.respond({ acsUrl, spEntityId, inResponseTo, groups, ...(edit ? { edit } : {}) });
  const state = relayState === undefined ? {} : { RelayState: relayState };
  return { fields: { SAMLResponse: response, ...state }, cookie };
}

/** Milliseconds of the server's CPU for one POST to the ACS. @throws Error if a sign-in fails */
export async function measureSignIns(server: SignInServer, idp: Idp, groups: number, count: number): Promise<number> {
  const { ms } = await measureRequests({
    ...server,
    make: async () => {
      const posts = await inParallel(Array.from({ length: count }, () => () => prepare(server, idp, groups)));
      return posts.map((post) => () => postForm(server.acsUrl, post.fields, post.cookie));
    },
    isGood: server.isSignedIn,
  });
  return ms;
}

/** Correctness before speed. @throws Error unless a good message is accepted and a changed one refused */
export async function requireCorrect(server: SignInServer, idp: Idp): Promise<void> {
  for (const isGood of [true, false]) {
    const change = (xml: string) => xml.replace('Developers-0001', 'Developers-9999');
    const post = await prepare(server, idp, 10, isGood ? undefined : change);
    const reply = await postForm(server.acsUrl, post.fields, post.cookie);
    if (server.isSignedIn(reply) === isGood) continue;
    const what = isGood ? 'refuses a good response' : 'accepts a changed response';
    throw new Error(`${server.name} ${what}: ${reply.status} ${reply.body.toString().slice(0, 500)}`);
  }
}

/** ID of the AuthnRequest in a redirect to the identity provider, and its RelayState. */
export function readRedirect({ headers, status }: Reply): { inResponseTo: string; relayState?: string } {
  if (headers.location === undefined) throw new Error(`a redirect was expected, not ${status}`);
  const { searchParams } = new URL(headers.location);
  const xml = inflateRawSync(Buffer.from(searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
  const relayState = searchParams.get('RelayState');
  return { inResponseTo: / ID="([^"]+)"/.exec(xml)?.[1] ?? '', ...(relayState === null ? {} : { relayState }) };
}
