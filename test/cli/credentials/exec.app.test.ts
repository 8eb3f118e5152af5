// `rolegate exec` and `rolegate export`, in separate processes.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { roleArn, type SmallBroker, signInAt, startSmallBroker } from '../support/broker.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { startLive } from '../support/live-process.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let bundle: Bundle;
let broker: SmallBroker;
let machine: Machine;
beforeAll(async () => {
  [bundle, broker] = await Promise.all([buildBundle(), startSmallBroker()]);
});
afterAll(async () => {
  bundle.remove();
  await broker.close();
});
beforeEach(() => {
  machine = createMachine();
  broker.asked.length = 0;
  signInAt(machine.context, broker.url);
});
afterEach(() => machine.remove());

type Env = Readonly<Record<string, string>>;
const run = (args: readonly string[], env: Env = {}) =>
  bundle.run(machine.home, args, { ROLEGATE_URL: broker.url, ...env });
const byArn = ['exec', '--role', roleArn];

describe('rolegate exec', () => {
  test('gives the program credentials and the region of the account, and takes away what would shadow them', async () => {
    const shadows = { AWS_PROFILE: 'other', AWS_ROLE_ARN: 'other', AWS_SECURITY_TOKEN: 'x', AWS_REGION: 'us-east-1' };
    const { stdout, ...rest } = await run(['exec', '--role', 'payments-dev/Developer', '--', 'env'], shadows);
    expect(rest).toEqual({ code: 0, signal: null, stderr: '' });
    const variables = stdout.split('\n').filter((line) => /^(AWS|ROLEGATE)_/.test(line));
    expect(variables.sort()).toEqual([
      'AWS_ACCESS_KEY_ID=ASIA0000000000000001',
      expect.stringMatching(/^AWS_CREDENTIAL_EXPIRATION=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      'AWS_DEFAULT_REGION=eu-west-1',
      'AWS_REGION=eu-west-1',
      'AWS_SECRET_ACCESS_KEY=secret/secret+secret',
      'AWS_SESSION_TOKEN=token1==',
      `ROLEGATE_EXEC=${roleArn}`,
      `ROLEGATE_URL=${broker.url}`,
    ]);
  });

  test('ends as the program ends, and passes its arguments on as they are', async () => {
    const script = 'printf "%s|" "$@"; exit 42';
    const ended = await run([...byArn, '--', 'sh', '-c', script, 'sh', '--role', 'a b', '$HOME']);
    expect(ended).toEqual({ code: 42, signal: null, stdout: '--role|a b|$HOME|', stderr: '' });
    expect(await run([...byArn, '--', 'sh', '-c', 'kill -KILL $$'])).toMatchObject({ code: null, signal: 'SIGKILL' });
    const missing = { code: 127, stdout: '', stderr: 'rolegate: no-such-program is not found\n' };
    expect(await run([...byArn, '--', 'no-such-program'])).toMatchObject(missing);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'passes %s on, and waits for the program to end',
    async (signal) => {
      const name = signal.slice(3);
      // A shell that waits for its child takes signals at once; the child must not hold our streams open.
      const script = `trap 'kill $!; echo caught ${name}; exit 7' ${name}; sleep 600 >&- 2>&- & echo waits >&2; wait`;
      const env = { HOME: machine.home, ROLEGATE_URL: broker.url };
      const running = startLive([bundle.file, ...byArn, '--', 'sh', '-c', script], env);
      await running.says(/waits/);
      running.child.kill(signal);
      expect([await running.ended, running.stdout(), running.stderr()]).toEqual([7, `caught ${name}\n`, 'waits\n']);
    },
  );

  test('does not nest unless told', async () => {
    const inner = { ROLEGATE_EXEC: roleArn };
    const refused = await run([...byArn, '--', 'true'], inner);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`already runs inside`) });
    expect(await run([...byArn, '--nest', '--', 'true'], inner)).toMatchObject({ code: 0 });
  });

  test('does not begin a long run that the credentials would not last', async () => {
    expect(await run([...byArn, '--min-ttl', '45m', '--', 'echo', 'ran'])).toMatchObject({ code: 0, stdout: 'ran\n' });
    const refused = await run([...byArn, '--min-ttl', '2h', '--', 'echo', 'ran']);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('120 min were requested') });
  });

  test('narrows the session by a policy from the command line or a file', async () => {
    const policy = { Version: '2012-10-17', Statement: [] };
    const file = join(machine.home, 'policy.json');
    writeFileSync(file, JSON.stringify(policy, null, 2));
    await run([...byArn, '--policy', `file://${file}`, '--', 'true']);
    await run([...byArn, '--policy', JSON.stringify(policy), '--duration', '15m', '--', 'true']);
    const text = JSON.stringify(policy);
    const missing = 'rolegate: --policy /nope cannot be read (ENOENT)\n';
    expect(await run([...byArn, '--policy', 'file:///nope', '--', 'true'])).toMatchObject({ code: 2, stderr: missing });
    expect(broker.asked).toEqual([
      { roleArn, policy: text },
      { roleArn, policy: text, durationSeconds: 900 },
    ]);
  });
});

describe('rolegate export', () => {
  test('prints lines for the shell in use, of a role by its ARN or its name', async () => {
    const fish = await run(['export', roleArn], { SHELL: '/usr/bin/fish' });
    expect(fish).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining("set -gx AWS_SESSION_TOKEN '") });
    const named = await run(['export', 'payments-dev/Developer', '--shell', 'env', '--region', 'us-east-1']);
    expect(named.stdout).toContain('AWS_DEFAULT_REGION=us-east-1\n');
    expect(broker.asked).toHaveLength(1);
  });

  test('that fails ends the role of an earlier export, and the eval', async () => {
    const typo = await run(['export', 'payments-dev/Develope'], { SHELL: '/bin/bash' });
    expect(typo).toMatchObject({ code: 4, stderr: expect.stringContaining('did you mean payments-dev/Developer?') });
    const env = {
      PATH: process.env['PATH'],
      AWS_PROFILE: 'prod',
      AWS_ACCESS_KEY_ID: 'ASIAOLD',
      AWS_SESSION_TOKEN: 'old',
    };
    const script = `eval "$1"; echo "status $?"; env`;
    const shell = spawnSync('bash', ['-c', script, 'bash', typo.stdout], { env, encoding: 'utf8' });
    expect(shell.stdout).toContain('status 1\n');
    expect(shell.stdout).not.toContain('AWS_');
    const files = await run(['export', 'payments-dev/Develope', '--shell', 'env']);
    expect(files).toMatchObject({ code: 4, stdout: '' });
  });

  test.each([
    ['a shell that nobody knows', ['export', roleArn, '--shell', 'tcsh'], 2],
    ['a region that is none', ['export', roleArn, '--region', 'eu-west-1; id'], 2],
    ['a role that the person does not have', ['export', 'payments-prod/Owner'], 4],
    ['a duration that AWS does not know', ['export', roleArn, '--duration', '37h'], 2],
    ['a policy that is not JSON', ['export', roleArn, '--policy', '{'], 2],
  ])('refuses %s', async (_, args, code) => {
    const { stderr, stdout, ...ended } = await run(args, { SHELL: '/bin/bash' });
    expect(ended).toEqual({ code, signal: null });
    expect(stdout).not.toMatch(/ASIA|export|set -gx/);
    expect(stderr).toMatch(/^rolegate: \S.*\n$/);
  });
});
