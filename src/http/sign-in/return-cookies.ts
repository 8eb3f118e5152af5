// Where a sign-in leads back to, if the address is too long for the store: a sealed cookie of the browser, for ten minutes.
import type { Request, Response } from 'express';
import { z } from 'zod';
import { pendingTtlMs } from '../../broker/sign-in/pending-sign-in.ts';
import type { Config } from '../../config/config.ts';
import type { RandomBytes } from '../../random.ts';
import type { Sealer } from '../../store/sealing.ts';
import { cookieName, readCookie } from '../middleware/cookies.ts';

export interface ReturnCookies {
  /** @returns what the pending sign-in remembers: a short path as it is, or a reference to a cookie that is set */
  remember(request: Request, response: Response, path: string): string;
  /** The path of what was remembered, and the end of its cookie; the portal for a cookie that is gone. */
  take(request: Request, response: Response, remembered: string): string;
}

/** Anyone can begin sign-ins: in the store one has a few hundred bytes. */
const maxStoredLength = 200;
/** With two, two tabs come back to long addresses, and all cookies still fit into the header that proxies allow. */
const slots = ['0', '1'];
/** No path begins like this. */
const referenceForm = /^~[\w-]{8}$/;
const cookieShape = z.object({ path: z.string(), until: z.number() });

export function createReturnCookies(
  sealer: Sealer,
  { random, clock }: { readonly random: RandomBytes; readonly clock: { now(): Date } },
  { baseUrl }: Config,
): ReturnCookies {
  const nameOf = (slot: string) => cookieName(baseUrl, `rolegate-return-${slot}`);
  // As the login cookie, which the identity provider's post brings as well.
  const attributes = { httpOnly: true, secure: true, sameSite: 'none', path: '/' } as const;
  const recordOf = (reference: string) => ({ type: 'return-cookie', key: reference, owner: reference });
  const cookieIn = (request: Request, slot: string) => readCookie(request.headers.cookie ?? '', nameOf(slot));
  return {
    remember: (request, response, path) => {
      if (path.length <= maxStoredLength) return path;
      const reference = `~${random(6).toString('base64url')}`;
      const slot = slots.find((each) => cookieIn(request, each) === undefined) ?? slots[0]!;
      const content = { path, until: clock.now().getTime() + pendingTtlMs };
      const value = sealer.seal(content, recordOf(reference)).toString('base64url');
      response.cookie(nameOf(slot), value, { ...attributes, maxAge: pendingTtlMs });
      return reference;
    },
    take: (request, response, remembered) => {
      if (!referenceForm.test(remembered)) return remembered;
      for (const slot of slots) {
        const sealed = Buffer.from(cookieIn(request, slot) ?? '', 'base64url');
        const found = sealer.open(cookieShape, sealed, recordOf(remembered));
        if (!found || found.until <= clock.now().getTime()) continue;
        response.clearCookie(nameOf(slot), attributes);
        return found.path;
      }
      return '/';
    },
  };
}
