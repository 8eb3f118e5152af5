// Runs the real AWS CLI, cut off from the person's own configuration, from the instance metadata service and from proxies.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { awsCliPath } from './parts/parts.ts';

const TIMEOUT_MILLISECONDS = 120_000;

export interface Outcome {
  /** The exit code; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `aws ARGS` with `env` on top of an otherwise empty environment; resolves for every exit code. */
export async function runAwsCli(
  args: string[],
  env: Record<string, string> = {},
  program = awsCliPath(),
): Promise<Outcome> {
  const home = await mkdtemp(join(tmpdir(), 'rolegate-aws-'));
  try {
    await writeFile(join(home, 'config'), '');
    return await run(program, args, {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: home,
      AWS_CONFIG_FILE: join(home, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      ...env,
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** All that are installed side by side: version 1 and version 2 parse profiles differently. */
export function awsClis(): string[] {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'aws'))
    .filter((file) => existsSync(file));
  const found = [awsCliPath(), ...onPath];
  return found.filter((file, index) => found.findIndex((each) => realpathSync(each) === realpathSync(file)) === index);
}

function run(command: string, args: string[], env: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MILLISECONDS });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
