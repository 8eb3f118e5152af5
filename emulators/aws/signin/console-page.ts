// Emulates the AWS console: the page that a sign-in reaches, and what that page shows.

import { readConsoleUrl } from '../hosts.ts';
import type { ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { isoSeconds, type World } from '../world.ts';
import { escapeHtml, htmlPage, redirect } from '../xml/html.ts';
import { type ConsoleIdentity, readConsoleCookie, type SigninRefusal, writeConsoleCookie } from './console-session.ts';

/** Where the emulator sends a browser instead of a console URL; undefined if the URL is not a console URL (F7). */
export function consoleLocation(destination: string, partition: string, region: string): string | undefined {
  const found = readConsoleUrl(destination, partition);
  if (found === undefined) return undefined;
  const path = found.url.pathname.replace(/^\/(?:console(?=\/|$)\/?)?/, '');
  const query = new URLSearchParams({ region: found.region ?? region, destination: found.url.href });
  return `/console/${path === '' ? 'home' : path}?${query}`;
}

/** Signs the browser in and sends it to its destination (F5, F8, F10). */
export function enterConsole(
  world: World,
  request: ReceivedRequest,
  identity: ConsoleIdentity,
  location: string,
): { reply: Reply; refusal: SigninRefusal | undefined } {
  const entry = world.consoleSessions.signIn(readConsoleCookie(request), identity, request.now);
  if (entry === 'other-account') {
    return { refusal: entry, reply: refusalPage('You must first log out before logging into a different AWS account') };
  }
  if (entry === 'too-many') {
    return { refusal: entry, reply: refusalPage('You can be signed in to no more than 5 sessions at a time') };
  }
  const headers = { 'set-cookie': writeConsoleCookie(entry.cookie, world.secureCookies) };
  return { refusal: undefined, reply: redirect(location, headers) };
}

function refusalPage(message: string): Reply {
  return htmlPage(400, message, `<p class="links"><a href="/oauth?Action=logout">Log out</a></p>`);
}

/** GET /console/...: who is signed in, as what, until when. */
export function consolePage(world: World, request: ReceivedRequest): Reply {
  const identities = world.consoleSessions.find(readConsoleCookie(request), request.now);
  const wanted = request.params.get('account');
  const identity =
    identities.findLast((one) => wanted === undefined || one.principal.accountId === wanted) ?? identities.at(-1);
  if (identity === undefined) {
    return htmlPage(401, 'You are not signed in', '<p>The console session has ended, or there was none.</p>');
  }
  const account = world.estate().accounts.get(identity.principal.accountId);
  const rows: [string, string | undefined][] = [
    ['Account', identity.principal.accountId],
    ['Account name', account?.name],
    ['Account alias', account?.alias],
    ['Role', identity.principal.roleName],
    ['Session name', identity.principal.sessionName],
    ['Source identity', identity.principal.sourceIdentity],
    ['Region', request.params.get('region') ?? request.host.region],
    ['Destination', request.params.get('destination')],
    ['Session ends', isoSeconds(identity.expiresAt)],
  ];
  const list = rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value = '']) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('\n');
  return htmlPage(200, `Signed in to ${account?.name ?? 'AWS'}`, `<dl>\n${list}\n</dl>\n${links(identity)}`);
}

function links(identity: ConsoleIdentity): string {
  const { issuer } = identity;
  // Anything but a web address would turn the link into a way to run a script.
  const isWeb = issuer !== undefined && URL.canParse(issuer) && /^https?:$/.test(new URL(issuer).protocol);
  const back = isWeb ? `<a href="${escapeHtml(issuer)}">Back to where you signed in</a>` : '';
  return `<p class="links"><a href="/oauth?Action=logout">Sign out</a>${back}</p>`;
}

/** F9: GET /oauth?Action=logout. */
export function signOut(world: World, request: ReceivedRequest): Reply {
  if (request.params.get('Action') !== 'logout') {
    return htmlPage(400, 'Bad request', '<p>Only Action=logout is known here.</p>');
  }
  world.consoleSessions.signOut(readConsoleCookie(request));
  const headers = { 'set-cookie': writeConsoleCookie('', world.secureCookies) };
  const target = request.params.get('redirect_uri') ?? '';
  // The bare host ignores redirect_uri; a regional host follows it only to itself, so this is not an open redirect.
  const isSameHost = URL.canParse(target) && new URL(target).host === request.host.name;
  const isWeb = isSameHost && /^https?:$/.test(new URL(target).protocol);
  if (isWeb && !request.host.isBareSignin) return redirect(new URL(target).href, headers);
  const page = htmlPage(200, 'You are signed out', '<p>The console session of this browser has ended.</p>');
  return { ...page, headers: { ...page.headers, ...headers } };
}
