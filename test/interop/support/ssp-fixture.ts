// What every test file with SimpleSAMLphp has: one of them for the file, for each test a browser and a broker it knows.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { TestDemo } from '../../app/support/demo.ts';
import { answerOf, postAnswer } from '../../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser/http-browser.ts';
import type { Page } from '../../support/http-browser/navigation.ts';
import { type ForeignIdp, startBrokerFor } from './broker.ts';
import { type SimpleSamlPhp, startSimpleSamlPhp, trustBroker } from './simplesamlphp.ts';
import { people, reachAnswer, userIdAttribute } from './ssp-people.ts';
import type { SspServiceProvider } from './ssp-tree.ts';

export type Trusted = Partial<SspServiceProvider>;

export interface SspFixture {
  ssp(): SimpleSamlPhp;
  browser(): HttpBrowser;
  /** A broker that SimpleSAMLphp knows; closed after the test. */
  start(trusted: Trusted | ((demo: TestDemo) => Trusted), idp?: Partial<ForeignIdp>): Promise<TestDemo>;
  /** Up to the answer, which waits to be posted. */
  reachAnswer(demo: TestDemo, user: string): Promise<Page>;
  /** @returns the page after the ACS */
  signIn(demo: TestDemo, user: string): Promise<Page>;
}

/** Registers the hooks; call it once at the top of a test file. */
export function useSimpleSamlPhp(): SspFixture {
  let ssp: SimpleSamlPhp;
  let browser: HttpBrowser;
  let demo: TestDemo | undefined;
  beforeAll(async () => {
    ssp = await startSimpleSamlPhp(people, userIdAttribute);
  });
  afterAll(() => ssp?.stop());
  beforeEach(() => {
    browser = createHttpBrowser();
  });
  afterEach(async () => {
    browser.close();
    await demo?.close();
    demo = undefined;
  });
  const reach = ({ brokerUrl }: TestDemo, user: string) => reachAnswer(browser, `${brokerUrl}/login`, user);
  return {
    ssp: () => ssp,
    browser: () => browser,
    start: async (trusted, idp = {}) => {
      const started = await startBrokerFor({ metadata: ssp.metadata, ...idp });
      demo = started;
      trustBroker(ssp, started.config, typeof trusted === 'function' ? trusted(started) : trusted);
      return started;
    },
    reachAnswer: reach,
    signIn: async (started, user) => postAnswer(browser, await reach(started, user)),
  };
}

/** The answer that waits to be posted, as XML. */
export function answerXml(page: Page): string {
  return Buffer.from(answerOf(page)['SAMLResponse'] ?? '', 'base64').toString('utf8');
}
