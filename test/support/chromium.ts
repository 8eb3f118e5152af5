// A headless Chromium that connects only to the test: no updates, no sync, no proxy, no QUIC.
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { chromiumPath } from './parts/parts.ts';

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage', // containers give /dev/shm 64 MB, and a page that needs more crashes
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-proxy-server',
];

export interface ChromiumOptions {
  args?: string[];
  /** Rules of --host-resolver-rules, for example `MAP broker.example.test:443 127.0.0.1:20443`. */
  hostRules?: string[];
  /** Beside the environment of this process. */
  env?: Readonly<Record<string, string>>;
}

/** Starts the system's Chromium; the caller closes it. @throws Error that names the command when there is none. */
export function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  const hostRules = options.hostRules ?? [];
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: chromiumPath(),
    ...(options.env ? { env: { ...process.env, ...options.env } } : {}),
    args: [
      ...ARGUMENTS,
      ...(isRoot ? ['--no-sandbox'] : []), // Chromium's sandbox refuses to run as root
      ...(hostRules.length > 0 ? [`--host-resolver-rules=${hostRules.join(', ')}`] : []),
      ...(options.args ?? []),
    ],
  });
}

export interface Chromium {
  /** The one browser of the file, once its hooks have run. */
  readonly browser: () => Browser;
  /** A page in a separate context, closed after the test. */
  readonly open: (options?: BrowserContextOptions) => Promise<Page>;
}

/**
 * Registers the hooks of a test file: one Chromium for all of its tests. After each test its contexts close, and the test
 * fails if Chromium blocked something for the Content Security Policy or a script of a page threw.
 */
export function useChromium(
  defaults: BrowserContextOptions = {},
  launch: () => ChromiumOptions = () => ({}),
): Chromium {
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await launchChromium(launch());
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return {
    browser: () => browser!,
    open: async (options = {}) => {
      const context = await browser!.newContext({ ...defaults, ...options });
      // On a busy machine a page takes longer than Playwright's 30 seconds.
      context.setDefaultTimeout(90_000);
      contexts.push(context);
      context.on('console', (message) => {
        if (/Content Security Policy|violates|Refused to/.test(message.text())) complaints.push(message.text());
      });
      context.on('weberror', (error) => complaints.push(error.error().message));
      return context.newPage();
    },
  };
}
