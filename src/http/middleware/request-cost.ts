// What a request without a session may cost at most, in tenths of an ordinary request. The classes are measured CPU time, and what
// the request leaves in the store: docs/operations.md has the figures.
import type { Request } from 'express';

/** Points of the request that `limits.signIn` counts as one: about 1 ms of CPU. */
export const pointsPerRequest = 10;

/** What a body of unknown length counts as: the largest that is read. */
const maxBodyKb = 512;

/** The first that matches. A body is counted on top. */
const classes: readonly (readonly [path: RegExp, points: number])[] = [
  [/^\/assets\//, 2],
  [/^\/login$/, 10],
  [/^\/saml\/acs$/, 20],
  [/^\/(openid\/(callback|backchannel-logout)|offboarding\/events)\//, 20],
  // A query of 600 bytes can inflate to 64 KB.
  [/^\/saml\/slo$/, 70],
  // They leave up to 1 KB in the store, for twenty minutes.
  [/^\/oauth\/(par$|authorize)/, 50],
  [/^\/oauth\//, 10],
  // Some 48 MB, through TLS.
  [/^\/cli\/releases\//, 1000],
];
const ordinaryPoints = 5;

export function costOf(request: Request): number {
  // Express takes /SAML/ACS/ for /saml/acs.
  const path = request.path.toLowerCase().replace(/(.)\/$/, '$1');
  const points = classes.find(([form]) => form.test(path))?.[1] ?? ordinaryPoints;
  return points + bodyKb(request);
}

function bodyKb({ headers }: Request): number {
  if (headers['transfer-encoding'] !== undefined) return maxBodyKb;
  return Math.min(maxBodyKb, Math.floor(Number(headers['content-length'] ?? 0) / 1024) || 0);
}
