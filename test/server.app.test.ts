// The administrators' commands as they are typed: exit codes, what goes to stdout, what to stderr.
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { change, createWorkplace, env, goodProduction, type Raw, type Workplace } from './config/support/workplace.ts';
import { endsWithUs } from './support/children.ts';
import { buildServerProgram, type ServerProgram } from './support/server-program.ts';

const slow = { timeout: 60_000 };
let workplace: Workplace;
let server: ServerProgram;
beforeAll(async () => {
  server = await buildServerProgram();
  workplace = await createWorkplace();
  write('good.yaml', goodProduction());
});
afterAll(() => {
  workplace.remove();
  server.remove();
});

const write = (name: string, raw: Raw) => workplace.write(name, stringify(raw));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], environment: Record<string, string> = env): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = endsWithUs(
      spawn(process.execPath, [server.file, ...args], {
        env: { PATH: process.env['PATH'] ?? '', NODE_NO_WARNINGS: '1', ...environment },
        cwd: workplace.directory,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: slow.timeout,
      }),
    );
    let [stdout, stderr] = ['', ''];
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

const config = (name: string) => ['--config', workplace.path(name)];

describe.concurrent('rolegate-server check', slow, () => {
  test('describes a good configuration and ends with 0', async () => {
    const outcome = await run(['check', ...config('good.yaml')]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/good\.yaml: good\n {2}production at https:\/\/broker\.example, store redis\n/);
  });

  test('names every problem at once on stderr, and ends with 1', async () => {
    const mistakes: [string, unknown][] = [
      ['baseUrl', 'broker'],
      ['surprise', true],
      ['aws.signing.key', 'absent.key'],
      ['rules[0].grant.accounts', ['payments-test']],
    ];
    write(
      'bad.yaml',
      mistakes.reduce((raw, [path, value]) => change(raw, path, value), goodProduction()),
    );
    const { code, stdout, stderr } = await run(['check', ...config('bad.yaml')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^rolegate-server: .*bad\.yaml: 4 problems\n/);
    for (const [path] of mistakes) expect(stderr).toContain(`\n  ${path}`);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('refuses in production what the environment would redirect', async () => {
    const { code, stderr } = await run(['check', ...config('good.yaml')], { ...env, AWS_ENDPOINT_URL_STS: 'http://x' });
    expect([code, stderr.includes('environment: AWS_ENDPOINT_URL_STS must not be set')]).toEqual([1, true]);
  });

  test('says which file it cannot read', async () => {
    const { code, stderr } = await run(['check', ...config('absent.yaml')]);
    expect([code, stderr.includes('absent.yaml: 1 problem\n  cannot be read (ENOENT)')]).toEqual([1, true]);
  });
});

describe.concurrent('rolegate-server start', slow, () => {
  test('does not start with a configuration that check refuses', async () => {
    write('http.yaml', { ...goodProduction(), baseUrl: 'http://broker.example' });
    const { code, stdout, stderr } = await run(['start', ...config('http.yaml')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('baseUrl: must be https');
  });
});

describe.concurrent('rolegate-server explain', slow, () => {
  test('says who has what and why, offline', async () => {
    const args = ['explain', '--user', 'alice', '--groups', 'CORP\\Engineers', 'CORP\\Other', ...config('good.yaml')];
    expect(await run(args)).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'session name at AWS: alice\n' +
        'yes  engineers: arn:aws:iam::012345678901:role/Developer for at most 3600 s\n',
    });
  });
});

describe.concurrent('rolegate-server metadata', slow, () => {
  test('prints the broker’s metadata as IAM’s identity provider, of the file in ROLEGATE_CONFIG', async () => {
    const outcome = await run(['metadata', 'aws'], { ...env, ROLEGATE_CONFIG: workplace.path('good.yaml') });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('IDPSSODescriptor');
    expect(outcome.stdout).not.toContain('PRIVATE');
  });

  test('knows no other', async () => {
    const { code, stdout, stderr } = await run(['metadata', 'idp', ...config('good.yaml')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('must be sp or aws');
  });
});

describe.concurrent('rolegate-server keys generate', slow, () => {
  const files = (name: string) => ['--key', workplace.path(`${name}.key`), '--cert', workplace.path(`${name}.crt`)];

  test('writes a pair that the configuration takes, and never over one that is there', async () => {
    expect(await run(['keys', 'generate', ...files('new'), '--name', 'Minting'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(statSync(workplace.path('new.key')).mode & 0o777).toBe(0o600);
    write('new.yaml', change(goodProduction(), 'aws.signing', { key: 'new.key', cert: 'new.crt' }));
    expect(await run(['check', ...config('new.yaml')])).toMatchObject({ code: 0 });

    const key = readFileSync(workplace.path('new.key'), 'utf8');
    const again = await run(['keys', 'generate', ...files('new')]);
    expect([again.code, again.stderr.includes('is there already')]).toEqual([1, true]);
    expect(readFileSync(workplace.path('new.key'), 'utf8')).toBe(key);
  });

  test.each([
    ['an unknown action', ['keys', 'burn', '--key', 'x', '--cert', 'y'], 'burn'],
    ['no number of days', ['keys', 'generate', '--key', 'x', '--cert', 'y', '--days', '0x'], '--days'],
    ['an unknown option', ['check', '--verbose'], '--verbose'],
  ])('ends with 1 and a sentence for %s', async (_, args, word) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(word);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
