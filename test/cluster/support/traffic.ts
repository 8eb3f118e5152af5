// A steady stream of what people and machines do: sign-ins, credentials, and CLI sessions that are renewed. It keeps what was
// used once, to be tried again, and what was opened, to be looked for after a fail-over.
import { setTimeout as sleep } from 'node:timers/promises';
import { cliClientId, cliScope, confirmationCode, remoteRedirectPath } from '../../../src/wire/oauth.ts';
import { decide, goOn } from '../../app/support/command-line.ts';
import { answerOf, postAnswer } from '../../app/support/sign-in.ts';
import { createProof } from '../../http/support/oauth.ts';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser/http-browser.ts';
import type { Page } from '../../support/http-browser/navigation.ts';
import { waitFor } from '../../support/wait.ts';
import type { Ledger } from './ledger.ts';

const developer = 'arn:aws:iam::444455556666:role/Developer';

/** Something that may be used once, and was. @returns whether it could be used a second time */
interface UsedUp {
  readonly kind: 'SAMLResponse' | 'code' | 'refresh token';
  readonly again: () => Promise<boolean>;
}

/** Something that was opened. @returns whether it is still there */
interface Opened {
  readonly kind: 'session' | 'CLI session';
  readonly isThere: () => Promise<boolean>;
}

export interface Traffic {
  /** Whether something of each kind was used up since the last `take`. */
  isComplete(): boolean;
  /** What was used up and opened lately, oldest first; the stream no longer needs any of it. */
  take(): { readonly used: readonly UsedUp[]; readonly opened: readonly Opened[] };
  stop(): Promise<void>;
}

/** The request did not do what it is for: the rest of the visit has no sense. */
class Failed extends Error {}

/** Of each kind; beyond these the oldest are dropped. */
const kept = 8;

interface Visit {
  readonly ask: Ask;
  readonly brokerUrl: string;
  readonly pauseMs: number;
  readonly keep: { used(one: UsedUp): void; opened(one: Opened): void };
}

export function startTraffic(brokerUrl: string, ledger: Ledger, pauseMs = 500): Traffic {
  const [used, opened]: [UsedUp[], Opened[]] = [[], []];
  let isStopping = false;
  const keepIn =
    <T extends { readonly kind: string }>(list: T[]) =>
    (one: T) => {
      list.push(one);
      const ofKind = list.filter(({ kind }) => kind === one.kind);
      if (ofKind.length > kept) list.splice(list.indexOf(ofKind[0]!), 1);
    };
  const keep = { used: keepIn(used), opened: keepIn(opened) };
  const visit: Visit = { ask: createAsk(brokerUrl, ledger), brokerUrl, pauseMs, keep };
  const loop = async (make: (count: number) => Promise<void>) => {
    for (let count = 0; !isStopping; count++) {
      await make(count).catch((error: unknown) => {
        if (!(error instanceof Failed)) throw error;
      });
      await sleep(pauseMs);
    }
  };
  const makers = [
    (count: number) => browserVisit(visit, count),
    (count: number) => browserVisit(visit, count + 1),
    (count: number) => commandLineVisit(visit, count + 1),
    (count: number) => commandLineVisit(visit, count + 2),
  ];
  const loops = Promise.all(makers.map(loop));
  loops.catch(() => {}); // stop() reports it
  return {
    isComplete: () => new Set(used.map(({ kind }) => kind)).size === 3,
    take: () => ({ used: used.splice(0), opened: opened.splice(0) }),
    stop: async () => {
      isStopping = true;
      await loops;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

type Ask = <T extends Answer>(what: string, request: () => Promise<T>) => Promise<T>;

/** Puts the broker's last answer into the ledger. @throws Failed unless it is 2xx or 3xx */
function createAsk(brokerUrl: string, ledger: Ledger): Ask {
  return async <T extends Answer>(what: string, request: () => Promise<T>) => {
    const startedAt = performance.now();
    let page: T;
    try {
      page = await request();
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      ledger.record(what, `none ${cause?.message ?? message}`, startedAt);
      throw new Failed();
    }
    const hops = (page as Partial<Page>).hops ?? [];
    // A sign-in goes on to the identity provider, which does not count here.
    const answer: Answer = hops.findLast(({ url }) => url.startsWith(brokerUrl)) ?? page;
    const by = answer.headers['x-request-id'] === undefined ? 'haproxy' : 'broker';
    const [, code] = /"(?:code|error)":"(\w+)"/.exec(answer.body) ?? [];
    ledger.record(what, [by, answer.status, code].filter((part) => part !== undefined).join(' '), startedAt);
    if (page.status >= 400) throw new Failed();
    return page;
  };
}

/** What the broker says when it can: 5xx proves nothing. */
const isGranted = (ask: () => Promise<Answer>) =>
  waitFor('an answer', async () => {
    const { status } = await ask();
    return status < 500 ? { isGood: status < 400 } : undefined;
  }).then(({ isGood }) => isGood);

export const cookieLine = (browser: HttpBrowser, url: string) =>
  Object.entries(browser.cookies(url))
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

async function raw(url: string, headers: Record<string, string>, body?: URLSearchParams | string): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(url, { method, headers, redirect: 'manual', ...(body !== undefined && { body }) });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

async function signIn({ ask, brokerUrl, keep }: Visit, browser: HttpBrowser, address: string): Promise<Page> {
  const login = await ask('login', () => browser.get(address));
  const answer = await browser.submit(login, (form) => form.fields.some(([field]) => field === 'UserName'), {
    ...{ UserName: 'alice', Password: 'password' },
  });
  const acs = `${brokerUrl}/saml/acs`;
  const [fields, cookie] = [answerOf(answer), cookieLine(browser, acs)];
  const page = await ask('sign-in', () => postAnswer(browser, answer));
  const again = () => isGranted(() => raw(acs, { cookie, origin: 'null' }, new URLSearchParams(fields)));
  keep.used({ kind: 'SAMLResponse', again });
  return page;
}

/** Every second one ends with the sign-out, here and at the identity provider. */
async function browserVisit(visit: Visit, count: number): Promise<void> {
  const { ask, brokerUrl, keep } = visit;
  const browser = createHttpBrowser();
  try {
    const page = await signIn(visit, browser, `${brokerUrl}/login`);
    const cookie = cookieLine(browser, brokerUrl);
    const isSigningOut = count % 2 === 0;
    if (!isSigningOut)
      keep.opened({ kind: 'session', isThere: () => isGranted(() => raw(`${brokerUrl}/api/v1/me`, { cookie })) });
    await ask('credentials', () => browser.json('POST', `${brokerUrl}/api/v1/credentials`, { roleArn: developer }));
    if (isSigningOut) await ask('sign-out', () => browser.submit(page, ({ action }) => action.endsWith('/logout')));
  } finally {
    browser.close();
  }
}

async function commandLineVisit(visit: Visit, count: number): Promise<void> {
  const { ask, brokerUrl, keep, pauseMs } = visit;
  const token = (fields: Record<string, string>) =>
    raw(`${brokerUrl}/oauth/token`, {}, new URLSearchParams({ client_id: cliClientId, ...fields }));
  const code = await allowedCode(visit);
  let tokens = tokensIn(await ask('code', () => token(code)));
  let used: Record<string, string> = code;
  for (let renewal = 0; renewal < 3; renewal++) {
    const headers = { authorization: `Bearer ${tokens.access}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ roleArn: developer });
    await ask('CLI credentials', () => raw(`${brokerUrl}/api/v1/credentials`, headers, body));
    await sleep(pauseMs);
    used = { grant_type: 'refresh_token', refresh_token: tokens.refresh };
    tokens = tokensIn(await ask('refresh', () => token(used)));
  }
  // A second use ends the grant, so one try for each: by turns the session, the refresh token and the code.
  const authorization = `Bearer ${tokens.access}`;
  if (count % 3 === 0) {
    const me = () => raw(`${brokerUrl}/api/v1/me`, { authorization });
    keep.opened({ kind: 'CLI session', isThere: () => isGranted(me) });
  }
  if (count % 3 === 1) keep.used({ kind: 'refresh token', again: () => isGranted(() => token(used)) });
  if (count % 3 === 2) keep.used({ kind: 'code', again: () => isGranted(() => token(code)) });
}

function tokensIn({ body }: Answer): { access: string; refresh: string } {
  const { access_token: access, refresh_token: refresh } = JSON.parse(body) as Record<string, string>;
  return { access: access!, refresh: refresh! };
}

/** What `rolegate login --remote` would redeem. */
async function allowedCode(visit: Visit): Promise<Record<string, string>> {
  const { ask, brokerUrl } = visit;
  const { challenge, verifier, state } = createProof();
  const redirect_uri = brokerUrl + remoteRedirectPath;
  const asked = {
    ...{ client_id: cliClientId, response_type: 'code', scope: cliScope, redirect_uri, state },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...{ device_host: 'laptop', device_os: 'Linux', device_user: 'alice' },
  };
  const pushed = await ask('par', () => raw(`${brokerUrl}/oauth/par`, {}, new URLSearchParams(asked)));
  const { request_uri } = JSON.parse(pushed.body) as { request_uri: string };
  const query = new URLSearchParams({ client_id: cliClientId, request_uri });
  const browser = createHttpBrowser();
  try {
    const page = await signIn(visit, browser, `${brokerUrl}/oauth/authorize?${query}`);
    const decided = await ask('confirm', () => decide(browser, page, 'allow', confirmationCode(challenge)));
    const { body } = await ask('code page', () => goOn(browser, decided));
    const [, code = ''] = /<code id="remote-code">([\w-]+)\./.exec(body) ?? [];
    return { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
  } finally {
    browser.close();
  }
}
