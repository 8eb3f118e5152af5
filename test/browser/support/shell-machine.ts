// A person's machine for the built command: a new home directory, `rolegate` on its PATH, shells without start files, and a
// browser that hands each address to the test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import { openPseudoTerminal, type PseudoTerminal } from '../../cli/support/pseudo-terminal.ts';
import { endsWithUs } from '../../support/children.ts';
import { awsCliPath } from '../../support/parts/parts.ts';
import { waitFor } from '../../support/wait.ts';

type ShellName = 'bash' | 'zsh' | 'fish';
type Variables = Readonly<Record<string, string>>;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellMachine {
  readonly home: string;
  readonly env: Variables & { readonly HOME: string };
  /** A script without a terminal; standard input is empty. */
  readonly run: (shell: ShellName, script: string, more?: Variables) => Promise<Ended>;
  /** `rolegate WORDS` in a POSIX shell. */
  readonly rolegate: (words: string, more?: Variables) => Promise<Ended>;
  /** A script in a terminal. */
  readonly open: (shell: ShellName, script: string, more?: Variables) => PseudoTerminal;
  /** Addresses that the command opened in the browser. */
  readonly pages: () => readonly string[];
  /** The browser's address with this number, once it is opened. */
  readonly page: (index: number) => Promise<string>;
  readonly remove: () => void;
}

const noStartFiles: Readonly<Record<ShellName, string>> = { bash: '--norc', zsh: '-f', fish: '--no-config' };

/** @param file the built command */
export function createShellMachine(file: string, more: Variables): ShellMachine {
  const home = mkdtempSync(join(tmpdir(), 'rolegate-shell-'));
  mkdirSync(join(home, 'bin'));
  const programs = {
    aws: `#!/bin/sh\nexec ${awsCliPath()} "$@"\n`,
    rolegate: `#!/bin/sh\nexec ${inject('node')} ${file} "$@"\n`,
    browser: `#!/bin/sh\nprintf '%s\\n' "$1" >> '${home}/pages'\n`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(home, 'bin', name), script);
    chmodSync(join(home, 'bin', name), 0o755);
  }
  const env = {
    PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    LANG: 'C.UTF-8',
    BROWSER: join(home, 'bin/browser'),
    AWS_EC2_METADATA_DISABLED: 'true',
    ...more,
  };
  const words = (shell: ShellName, script: string) => [noStartFiles[shell], '-c', script];
  const run: ShellMachine['run'] = async (shell, script, variables = {}) => {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const child = endsWithUs(spawn(shell, words(shell, script), { env: { ...env, ...variables }, stdio: [...stdio] }));
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      once(child, 'close'),
    ]);
    return { code: code as number, stdout, stderr };
  };
  const pages = () => {
    const list = join(home, 'pages');
    return existsSync(list) ? readFileSync(list, 'utf8').split('\n').slice(0, -1) : [];
  };
  return {
    home,
    env,
    run,
    rolegate: (line, variables) => run('bash', `rolegate ${line}`, variables),
    open: (shell, script, variables = {}) => {
      const line = [shell, ...words(shell, script)].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      return openPseudoTerminal(line, { ...env, ...variables });
    },
    pages,
    page: async (index) => {
      await waitFor(`page ${index} in the browser`, () => pages().length > index);
      return pages()[index]!;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

const account = { UserName: 'alice', Password: 'password' };

/** Signs in at the identity provider as far as it asks, with the second factor if it asks for that, up to the page that asks. */
export async function reachQuestion(page: Page, address: string): Promise<void> {
  await page.goto(address);
  const allow = page.getByRole('button', { name: 'Allow' });
  const code = page.locator('input[autocomplete="one-time-code"]');
  const name = page.locator('input[name=UserName]');
  await allow.or(code).or(name).first().waitFor();
  if (await name.count()) {
    await name.fill(account.UserName);
    await page.fill('input[name=Password]', account.Password);
    await page.keyboard.press('Enter');
    await allow.or(code).first().waitFor();
  }
  if (await code.count()) {
    await code.fill('123456');
    await page.keyboard.press('Enter');
  }
  await allow.waitFor();
}

/** The same, and allows it. */
export async function allowSignIn(page: Page, address: string): Promise<void> {
  await reachQuestion(page, address);
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('The command line is signed in.').waitFor();
}
