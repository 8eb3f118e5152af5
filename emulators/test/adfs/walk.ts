// A browser's walk through the emulator, for tests: starts it, opens browsers, signs in, and tidies up after each test.
import { afterEach } from 'vitest';
import type { TestClock } from '../../../test/support/clock.ts';
import { createHttpBrowser, type HttpBrowser } from '../../../test/support/http-browser/http-browser.ts';
import type { Page } from '../../../test/support/http-browser/navigation.ts';
import type { Adfs, AdfsOptions } from '../../adfs/server.ts';
import {
  aliceCredentials,
  authnRequest,
  find,
  type Keys,
  keys,
  type PostedResponse,
  type RequestFields,
  redirectUrl,
  startFixture,
} from './fixture.ts';

export interface Walk {
  readonly idp: Adfs;
  readonly clock: TestClock;
  readonly keys: Keys;
  start(options?: Partial<AdfsOptions>): Promise<HttpBrowser>;
  /** One more browser; `ca` is the PEM it trusts. */
  open(ca?: string): HttpBrowser;
  request(browser: HttpBrowser, fields?: RequestFields): Promise<Page>;
  signInAs(browser: HttpBrowser, credentials?: typeof aliceCredentials, fields?: RequestFields): Promise<Page>;
}

/** Registers the hooks of a test file, and returns what its tests use. */
export function useWalk(): Walk {
  let current: { idp: Adfs; clock: TestClock } | undefined;
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const open = (ca?: string) => {
    const browser = createHttpBrowser({ now: () => started(current).clock.now(), ...(ca === undefined ? {} : { ca }) });
    cleanups.push(browser.close);
    return browser;
  };
  const request = (browser: HttpBrowser, fields: RequestFields = {}) => {
    const { idp } = started(current);
    return browser.get(redirectUrl(idp, authnRequest(idp, fields), { relayState: 'relay' }));
  };
  return {
    get idp() {
      return started(current).idp;
    },
    get clock() {
      return started(current).clock;
    },
    keys,
    start: async (options = {}) => {
      current = await startFixture(keys, options);
      cleanups.push(current.idp.close);
      return open();
    },
    open,
    request,
    signInAs: async (browser, credentials = aliceCredentials, fields = {}) =>
      browser.submit(await request(browser, fields), 0, credentials),
  };
}

export function isLoginForm(page: Page): boolean {
  return page.forms[0]?.fields.some(([name]) => name === 'Password') ?? false;
}

export function authnInstant(posted: PostedResponse): string | undefined {
  return find(posted.root, 'AuthnStatement')?.attributes.get('AuthnInstant');
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('call start() first');
  return value;
}
