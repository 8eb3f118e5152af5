// A tiny checkout with the real deploy/ scripts and compiler configuration, to build and start without touching dist/.
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endsWithUs } from '../support/children.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SOURCES: Record<string, string> = {
  'src/server.ts': `#!/usr/bin/env node
import { greeting } from './room/greeting.ts';
if (process.argv.includes('--wait')) {
  const timer = setInterval(() => {}, 1000);
  process.once('SIGTERM', () => {
    console.log('drained');
    clearInterval(timer);
  });
}
// Last: a test that has read it may send the signal.
console.log(greeting, process.argv.slice(2).join(' '), process.pid);
`,
  'src/cli.ts': `#!/usr/bin/env node
if (process.argv[2] === 'fast') console.log('fast');
else void import('./cli/main.ts').then(({ runCommand }) => runCommand());
`,
  'src/cli/main.ts': "export const runCommand = () => console.log('slow \u2028é', import.meta.url.slice(0, 8));\n",
  'src/cli/part.ts': "export const partFor = () => 'whole';\n",
  'src/room/greeting.ts': "export const greeting: string = 'hello';\n",
  'src/http/assets/style.css': 'body { margin: 0 }\n',
  'src/http/assets/portal.js': "'use strict';\n",
};

interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface SourceTree {
  path: (name: string) => string;
  write: (name: string, content: string) => Promise<void>;
  /** Starts `node deploy/SCRIPT ARGS`. */
  start: (script: string, ...args: string[]) => { child: ChildProcess; finished: Promise<Finished> };
  /** The same, to its end. */
  run: (script: string, ...args: string[]) => Promise<Finished>;
  /** Takes node_modules away, as a production install without the compiler would. */
  forgetCompiler: () => Promise<void>;
  /** Names in the root that only a build leaves. */
  leftovers: () => Promise<string[]>;
  remove: () => Promise<void>;
}

export async function createSourceTree(): Promise<SourceTree> {
  const root = await mkdtemp(join(tmpdir(), 'rolegate-tree-'));
  const path = (name: string) => join(root, name);
  const write = async (name: string, content: string) => {
    await mkdir(dirname(path(name)), { recursive: true });
    await writeFile(path(name), content);
  };
  for (const name of ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json', 'deploy']) {
    await cp(join(ROOT, name), path(name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), path('node_modules'));
  for (const [name, content] of Object.entries(SOURCES)) await write(name, content);
  const start = (script: string, ...args: string[]) => {
    const child = endsWithUs(spawn(process.execPath, [path(`deploy/${script}`), ...args], { cwd: tmpdir() }));
    return { child, finished: finish(child) };
  };
  return {
    path,
    write,
    start,
    run: (script, ...args) => start(script, ...args).finished,
    forgetCompiler: () => rm(path('node_modules')),
    leftovers: async () => {
      const names = await readdir(root);
      const locks = await readdir(path('.build-lock')).catch(() => []); // no build ever ran
      return [...names.filter((name) => /^\.build-\d/.test(name)), ...locks];
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

function finish(child: ChildProcess): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
