// A headless Chromium that talks to nobody but the test: no updates, no sync, no proxy, no QUIC.
import { type Browser, chromium } from 'playwright-core';
import { chromiumPath } from './parts.ts';

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
