// A person who signs in on the command line: the real command as a child process, and a browser for its address.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LiveProcess, startLive } from '../../cli/support/live-process.ts';
import { decodeEntities } from '../../support/http-browser/html-forms.ts';
import type { HttpBrowser } from '../../support/http-browser/http-browser.ts';
import type { Page } from '../../support/http-browser/navigation.ts';
import { signIn } from './sign-in.ts';

export interface Terminal {
  readonly home: string;
  readonly start: (...words: string[]) => LiveProcess;
  /** Runs to the end. @returns exit code, and both streams */
  readonly run: (...words: string[]) => Promise<{ code: number | string | null; stdout: string; stderr: string }>;
  readonly remove: () => void;
}

/** A machine with a separate home directory. @param file the bundled command */
export function openTerminal(file: string, env: Readonly<Record<string, string>>): Terminal {
  const home = mkdtempSync(join(tmpdir(), 'rolegate-terminal-'));
  const start = (...words: string[]) => startLive([file, ...words], { HOME: home, ...env });
  return {
    home,
    start,
    run: async (...words) => {
      const { child, ended, stdout, stderr } = start(...words);
      child.stdin?.end();
      return { code: await ended, stdout: stdout(), stderr: stderr() };
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

export const signInAddress = /https?:\S+\/oauth\/authorize\?\S+/;
export const shownCode = /[A-Z0-9]{4}-[A-Z0-9]{4}/;

/** Opens the command's address and signs in, up to the page that asks. */
export async function reachConfirm(browser: HttpBrowser, address: string, user: string): Promise<Page> {
  const { origin, pathname, search } = new URL(address);
  return signIn(browser, origin, user, pathname + search);
}

/** @returns the page after the decision */
export function decide(browser: HttpBrowser, page: Page, decision: string, code: string | null = null): Promise<Page> {
  return browser.submit(page, ({ action }) => action.includes('/oauth/confirm/'), { decision, code });
}

/** On from the page that says so, as its refresh does. */
export function goOn(browser: HttpBrowser, page: Page): Promise<Page> {
  const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(page.body) ?? [];
  return browser.follow(page, decodeEntities(href));
}

/** `rolegate login` from its beginning to its end. */
export async function logIn(terminal: Terminal, browser: HttpBrowser, user: string, ...words: string[]): Promise<void> {
  const login = terminal.start('login', ...words);
  const address = await login.says(signInAddress);
  const page = await browser.get(address);
  const asked = page.body.includes('/oauth/confirm/') ? page : await reachConfirm(browser, address, user);
  await goOn(browser, await decide(browser, asked, 'allow'));
  const code = await login.ended;
  if (code !== 0) throw new Error(`login ended with ${code}:\n${login.stderr()}`);
}
