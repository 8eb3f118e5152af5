// What people type on the first day, with the built command in a new home directory: roles as words, a shell, signing in when
// it is needed, leaving a role, and names without the network.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { endsWithUs } from '../../support/children.ts';
import { findOnPath } from '../../support/parts/find-part.mjs';
import { roleArn, type SmallBroker, signInAt, startSmallBroker } from '../support/broker.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let bundle: Bundle;
let broker: SmallBroker;
let machine: Machine;

beforeAll(async () => {
  bundle = await buildBundle();
});
afterAll(() => bundle.remove());
beforeEach(async () => {
  broker = await startSmallBroker();
  machine = createMachine();
  signInAt(machine.context, broker.url);
  mkdirSync(join(machine.home, 'bin'));
  const command = `#!/bin/sh\nexec ${inject('node')} ${bundle.file} "$@"\n`;
  writeFileSync(join(machine.home, 'bin/rolegate'), command, { mode: 0o755 });
});
afterEach(async () => {
  await broker.close();
  machine.remove();
});

const env = () => ({
  PATH: `${join(machine.home, 'bin')}:${process.env['PATH'] ?? ''}`,
  HOME: machine.home,
  ROLEGATE_URL: broker.url,
});
const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  bundle.run(machine.home, args, { ...env(), ...more });

const noStartFiles: Readonly<Record<string, string>> = { bash: '--norc', zsh: '-f', fish: '--no-config' };

const bash = (script: string, more?: Readonly<Record<string, string>>) => runShell('bash', script, more);

/** Not synchronous: the broker answers in this process. */
async function runShell(shell: string, script: string, more: Readonly<Record<string, string>> = {}) {
  const child = endsWithUs(
    spawn(shell, [noStartFiles[shell]!, '-c', script], {
      env: { ...env(), ...more },
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return stdout;
}

/** In a separate terminal, as script(1) makes one; `typed` goes there. */
async function inTerminal(line: string, typed: string, more: Readonly<Record<string, string>> = {}) {
  const child = endsWithUs(
    spawn('script', ['-qec', line, '/dev/null'], { env: { ...env(), TERM: 'xterm', ...more }, stdio: 'pipe' }),
  );
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk;
  });
  const says = async (pattern: RegExp) => {
    while (!pattern.test(seen)) await once(child.stdout, 'data');
  };
  if (typed) child.stdin.write(typed);
  return { child, says, ended: once(child, 'close').then(([code]) => ({ code: code as number, seen })) };
}

describe('exec', () => {
  const id = 'echo "$AWS_ACCESS_KEY_ID $ROLEGATE_EXEC"';

  test.each([
    ['a role, -- and a program', ['payments-dev/Developer', '--', 'sh', '-c', id]],
    ['an ARN, -- and a program', [roleArn, '--', 'sh', '-c', id]],
    ['a role and a program', ['payments-dev/Developer', 'sh', '-c']],
    ['--role and a program', ['--role', 'payments-dev/Developer', '--', 'sh', '-c', id]],
  ])('takes %s', async (_, words) => {
    // Options of a program need `--` in front.
    const args = words.at(-1) === '-c' ? [...words.slice(0, 1), 'env'] : words;
    const { code, stdout, stderr } = await run(['exec', ...args]);
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringContaining('ASIA0000000000000001')]);
    expect(stdout).toContain(roleArn);
  });

  test('without a program needs a terminal, and opens a shell there', async () => {
    expect(await run(['exec', 'payments-dev/Developer'])).toMatchObject({ code: 2 });
    const { ended } = await inTerminal('rolegate exec payments-dev/Developer', 'echo "in=$ROLEGATE_ROLE"; exit 7\n', {
      SHELL: '/bin/sh',
    });
    const { code, seen } = await ended;
    expect([code, seen]).toEqual([7, expect.stringContaining('in=payments-dev/Developer')]);
  });

  test('by the name of a role that is not granted is refused', async () => {
    expect(await run(['exec', 'payments-dev/Missing', '--', 'true'])).toMatchObject({ code: 4 });
  });

  test('by name needs no network while the credentials last', async () => {
    expect(await run(['exec', 'payments-dev/Developer', '--', 'true'])).toMatchObject({ code: 0 });
    await broker.close();
    const { code, stdout } = await run(['exec', '444455556666/Developer', '--', 'sh', '-c', 'echo $AWS_REGION']);
    expect([code, stdout]).toEqual([0, 'eu-west-1\n']);
    expect((await run(['status'])).stdout).toContain('  payments-dev/Developer  ');
  });

  test('a session policy of the company is named by its id', async () => {
    await run(['exec', 'payments-dev/Developer', '--policy-id', 'read-only', '--', 'true']);
    await run(['exec', 'payments-dev/Developer', '--', 'true']);
    expect(broker.asked).toEqual([{ roleArn, sessionPolicy: 'read-only' }, { roleArn }]);
    const both = ['exec', 'payments-dev/Developer', '--policy-id', 'x', '--policy', '{}', '--', 'true'];
    expect(await run(both)).toMatchObject({ code: 2 });
  });

  test('says when the credentials are shorter than was asked for', async () => {
    const { code, stderr } = await run(['exec', roleArn, '--duration', '8h', '--', 'true']);
    expect([code, stderr]).toEqual([
      0,
      'rolegate: valid for 1 h 0 min instead of 8 h 0 min: the rule allows no more\n',
    ]);
  });
});

test.each([
  ['on standard input of a terminal', 'rolegate exec payments-dev/Developer -- sh "$HOME/count"'],
  ['with a pipe on standard input', 'sleep 20 | rolegate exec payments-dev/Developer -- sh "$HOME/count"'],
  ['with a server', 'sleep 20 | rolegate exec --server payments-dev/Developer -- sh "$HOME/count"'],
])('Ctrl-C reaches the program once, %s', { timeout: 60_000 }, async (_, line) => {
  const script = `trap 'n=$((n+1)); echo "$n" > "$HOME/interrupts"' INT
echo ready; i=0; while [ $i -lt 12 ]; do sleep 0.2; i=$((i+1)); done; exit 0\n`;
  writeFileSync(join(machine.home, 'count'), script);
  const { child, says, ended } = await inTerminal(line, '');
  await says(/ready/);
  child.stdin.write('\x03');
  await ended;
  expect(readFileSync(join(machine.home, 'interrupts'), 'utf8').trim()).toBe('1');
});

test('an interrupt that is sent to rolegate alone is passed on, in a terminal too', { timeout: 60_000 }, async () => {
  const script = `trap 'echo caught; exit 0' INT\necho ready $PPID; while :; do sleep 0.2; done\n`;
  writeFileSync(join(machine.home, 'wait'), script);
  const { says, ended } = await inTerminal('sleep 20 | rolegate exec payments-dev/Developer -- sh "$HOME/wait"', '');
  await says(/ready \d+/);
  const pid = execFileSync(
    'sh',
    [
      '-c',
      `ps -eo pid,args | grep '[e]xec payments-dev.*wait' | grep -v script | grep -v 'sh -c' | grep ${bundle.file} | awk '{print $1}'`,
    ],
    { encoding: 'utf8' },
  ).trim();
  process.kill(Number(pid.split('\n').at(-1)), 'SIGINT');
  await says(/caught/);
  await ended;
});

describe('export', () => {
  test('--unset removes what an export set', async () => {
    const script = `eval "$(rolegate export --prompt --shell bash ${roleArn})"; echo "$ROLEGATE_ROLE $AWS_ACCESS_KEY_ID"
      eval "$(rolegate export --unset)"; env | grep -cE '^(AWS_|ROLEGATE_(ROLE|EXPIRES))'`;
    const stdout = await bash(script);
    expect(stdout).toBe('444455556666/Developer ASIA0000000000000001\n0\n');
  });

  test('looks at the shell that started it, not at SHELL', async () => {
    const script = `rolegate export ${roleArn} | grep -c '^export'`;
    const stdout = await bash(script, { SHELL: '/usr/bin/fish' });
    expect(Number(stdout)).toBeGreaterThan(3);
  });
});

test.each(['bash', 'zsh', 'fish'].filter((name) => findOnPath(name)))(
  '%s takes the role of an export, and loses it with one that fails',
  async (shell) => {
    const evaluate = (words: string) =>
      shell === 'fish'
        ? `rolegate export ${words} --shell fish | source`
        : `eval "$(rolegate export --shell ${shell} ${words})"`;
    const shown = `echo "[$AWS_ACCESS_KEY_ID] [$AWS_PROFILE] [$AWS_REGION]"`;
    const lines = [evaluate('payments-dev/Developer'), shown, evaluate('payments-dev/Develope'), shown];
    const stdout = await runShell(shell, lines.join('\n'), { AWS_PROFILE: 'prod' });
    expect(stdout).toBe('[ASIA0000000000000001] [] [eu-west-1]\n[] [] [eu-west-1]\n');
  },
);

test.each(['zsh', 'fish'].filter((name) => findOnPath(name)))('%s has assume and the prompt too', async (shell) => {
  const start = shell === 'fish' ? 'rolegate shell-init fish | source' : 'eval "$(rolegate shell-init zsh)"';
  const end = shell === 'fish' ? 'set -gx ROLEGATE_EXPIRES 1' : 'export ROLEGATE_EXPIRES=1';
  const stdout = await runShell(
    shell,
    `${shell === 'zsh' ? 'compdef() { :; }' : ''}
    ${start}
    assume payments-dev/Developer; echo "[$AWS_ACCESS_KEY_ID]"; rolegate_prompt; echo
    ${end}; rolegate_prompt; echo
    assume payments-dev/Missing; echo "[$AWS_ACCESS_KEY_ID]"; rolegate_prompt; echo
    assume payments-dev/Developer; assume --unset; echo "[$AWS_ACCESS_KEY_ID]"; rolegate_prompt; echo`,
  );
  const [key, left, ended, ...without] = stdout.split('\n');
  expect([key, ended]).toEqual(['[ASIA0000000000000001]', '[payments-dev/Developer expired] ']);
  expect(left).toMatch(/^\[payments-dev\/Developer (59|60)m\] $/);
  expect(without).toEqual(['[]', '', '[]', '', '']);
});

test('serve prints the region too, as lines for the shell', async () => {
  const { child, says, ended } = await inTerminal('rolegate serve payments-dev/Developer --shell bash', '');
  await says(/serving/);
  child.stdin.write('\u0003');
  const { seen } = await ended;
  expect(seen).toMatch(/export AWS_REGION='eu-west-1';\s+export AWS_DEFAULT_REGION='eu-west-1';/);
  expect(seen).toMatch(/export AWS_CONTAINER_CREDENTIALS_FULL_URI='http:/);
});

test('assume takes a role in the shell and leaves it, and the prompt shows it', async () => {
  const stdout = await bash(`eval "$(rolegate shell-init bash)"
    assume payments-dev/Developer; echo "$? $AWS_ACCESS_KEY_ID"; rolegate_prompt; echo
    assume payments-dev/Missing; echo "$? [$AWS_ACCESS_KEY_ID] [$(rolegate_prompt)]"
    assume payments-dev/Developer; assume --unset; echo "$? [$AWS_ACCESS_KEY_ID] [$(rolegate_prompt)]"`);
  expect(stdout).toMatch(/^0 ASIA0000000000000001\n\[payments-dev\/Developer (59|60)m\] \n4 \[\] \[\]\n0 \[\] \[\]\n$/);
});

describe('without a sign-in', () => {
  beforeEach(() => {
    machine.remove();
    machine = createMachine();
    mkdirSync(join(machine.home, 'bin'));
    const command = `#!/bin/sh\nexec ${inject('node')} ${bundle.file} "$@"\n`;
    writeFileSync(join(machine.home, 'bin/rolegate'), command, { mode: 0o755 });
  });

  test('a script gets the line to type', async () => {
    const { code, stderr } = await run(['roles']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('run `rolegate login`')]);
  });

  test('a terminal is asked, and "n" ends with the same line', async () => {
    const { says, ended, child } = await inTerminal('rolegate roles', '', { BROWSER: 'true' });
    await says(/You are not signed in at 127\.0\.0\.1:\d+\. Open the browser\? \[Y\/n\]/);
    child.stdin.write('n\r');
    const { code, seen } = await ended;
    expect([code, seen]).toEqual([3, expect.stringContaining('run `rolegate login`')]);
  });
});

test('brokers are listed and chosen without the network', async () => {
  const settings = join(machine.home, '.config/rolegate/config.json');
  mkdirSync(join(machine.home, '.config/rolegate'), { recursive: true });
  const [one, two] = ['https://aws.corp.example', 'https://lab.corp.example'];
  const brokers = { [one!]: { name: 'AWS' }, [two!]: { name: 'Lab' } };
  writeFileSync(settings, JSON.stringify({ defaultBroker: one, brokers }), { mode: 0o600 });
  expect(JSON.parse((await run(['brokers', '--json'])).stdout).brokers).toEqual([
    { url: one, name: 'AWS', isDefault: true, user: null },
    { url: two, name: 'Lab', isDefault: false, user: null },
  ]);
  expect(await run(['brokers', 'use', 'lab.corp.example'])).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(settings, 'utf8'))).toMatchObject({ defaultBroker: two, brokers });
  expect((await run(['brokers'])).stdout).toMatch(/^\* +https:\/\/lab/m);
  expect(await run(['brokers', 'use', 'nothing'])).toMatchObject({ code: 2 });
});
