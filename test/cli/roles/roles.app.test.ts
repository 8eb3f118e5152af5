// `rolegate roles` and `rolegate pick`: finding one role among many, and never letting a name play with the terminal.
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readKnownRoles } from '../../../src/cli/machine/known-roles.ts';
import { displayWidth, shorten, table } from '../../../src/cli/machine/printable.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { signInAt } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { type RolesBroker, roleEntry, startRolesBroker } from '../support/roles-broker.ts';

const company = [
  roleEntry('payments-dev/Developer', { accountLabels: ['pci'] }),
  roleEntry('payments-dev/team/Builder'),
  roleEntry('payments-prod/Admin', { stepUp: { reason: 'authn_context' }, maxDurationSeconds: 5400 }),
  roleEntry('payments-prod/ReadOnly'),
  roleEntry('sandbox/Developer', { environment: null }),
];
const arn = (name: string) => company.find(({ roleArn }) => roleArn.endsWith(name))!.roleArn;

let broker: RolesBroker;
let machine: Machine;

beforeAll(async () => {
  broker = await startRolesBroker();
});
afterAll(() => broker?.close());

beforeEach(() => {
  broker.roles = company;
  broker.preferences = { favourites: [], recents: [] };
  broker.asked.length = 0;
  useMachine();
});
afterEach(() => machine.remove());

function useMachine(overrides: Parameters<typeof createMachine>[0] = {}): void {
  machine?.remove();
  machine = createMachine(overrides);
  signInAt(machine.context, broker.url);
}

async function run(...words: string[]): Promise<string> {
  await runProgram(machine.context, [...words, '--broker', broker.url]);
  return machine.takeStdout();
}

describe('pick without a terminal', () => {
  test.each([
    [arn('444455556666:role/Developer'), '444455556666:role/Developer'],
    ['payments-dev/Developer', '444455556666:role/Developer'],
    ['444455556666/Developer', '444455556666:role/Developer'],
    ['payments-dev/team/Builder', 'team/Builder'],
    ['payments-dev/Builder', 'team/Builder'],
  ])('%s is a name, and nothing is said', async (name, expected) => {
    expect(await run('pick', name)).toBe(`${arn(expected)}\n`);
    expect(machine.takeStderr()).toBe('');
    expect(broker.asked).toEqual(['/api/v1/roles']);
  });

  test.each<[string[], string, RegExp]>([
    [['payments'], 'usage', /not the name of a role.*payments-dev\/Developer\n.*payments-dev\/team\/Builder\n.*Admin/s],
    [
      ['builder'],
      'usage',
      /^"builder" is not the name of a role.* only names count\..*\n {2}payments-dev\/team\/Builder$/s,
    ],
    [['PROD', 'read'], 'usage', /\n {2}payments-prod\/ReadOnly$/],
    [['prodadm'], 'usage', /\n {2}payments-prod\/Admin$/],
    [[], 'usage', /^which role\?/],
    [['payments-prod/Nothing'], 'denied', /no role "payments-prod\/Nothing".*`rolegate roles`/],
    [['payments-prod/Read'], 'denied', /: did you mean payments-prod\/ReadOnly\?$/],
    [['payments-pro/ReadOnly'], 'denied', /: did you mean payments-prod\/ReadOnly\?$/],
    [['payments-dve/Builder'], 'denied', /: did you mean payments-dev\/team\/Builder\?$/],
    [['111122223333/readonly'], 'denied', /: did you mean payments-prod\/ReadOnly\?$/],
    [['arn:aws:iam::444455556666:role/Develope'], 'denied', /no role.*: did you mean payments-dev\/Developer\?$/],
    [['\u001b[2Jxyz'], 'denied', /no role "\ufffd\[2Jxyz"/],
    [[''], 'usage', /^the role is empty/],
    [[' '], 'usage', /^the role is empty/],
  ])('%j is refused', async (words, exit, message) => {
    await expect(run('pick', ...words)).rejects.toMatchObject({ exit, message: expect.stringMatching(message) });
  });

  test('neither the only role nor the only favourite is taken in place of a name', async () => {
    broker.preferences = { favourites: [arn('ReadOnly')], recents: [] };
    await expect(run('pick', 'payments')).rejects.toMatchObject({ exit: 'usage' });
    broker.roles = company.filter(({ roleArn }) => roleArn === arn('Admin'));
    await expect(run('pick')).rejects.toMatchObject({ exit: 'usage', message: expect.stringMatching(/^which role\?/) });
  });

  test.each([
    ['a longer alias', 'payments-prod/Admin', 'payments-prod-eu/Admin'],
    ['an alias with more in front', 'prod/Admin', 'preprod/Admin'],
    ['a longer name', 'payments-dev/ReadOnly', 'payments-dev/ReadOnlyPlusDelete'],
    ['a path', 'payments-dev/Builder', 'payments-dev/team/BuilderOfAll'],
  ])('on the day a role is gone, its name does not become %s', async (_what, name, other) => {
    broker.roles = [roleEntry(other)];
    for (const isInteractive of [false, true]) {
      useMachine({ isInteractive });
      await expect(run('pick', name)).rejects.toMatchObject({
        exit: 'denied',
        message: expect.stringContaining(other),
      });
    }
  });

  test.each([
    ['exec', ['exec', '--role', '', '--', 'true']],
    ['export', ['export', '']],
    ['curl', ['curl', '--role', '', 'https://abc.lambda-url.eu-west-1.on.aws/']],
    ['serve', ['serve', '--role', '']],
    ['console', ['console', '']],
    ['login --step-up', ['login', '--step-up', '']],
    ['credential-process', ['credential-process', '--role', '']],
  ])('%s: an empty role is not the same as none', async (_name, words) => {
    broker.roles = company.slice(0, 1);
    for (const isInteractive of [false, true]) {
      useMachine({ isInteractive });
      const [command = '', ...rest] = words;
      const argv = [command, '--broker', broker.url, ...rest];
      await expect(runProgram(machine.context, argv)).rejects.toMatchObject({ exit: 'usage' });
      expect(broker.asked).toEqual([]);
    }
  });

  test('a person without roles is told so', async () => {
    broker.roles = [];
    await expect(run('pick')).rejects.toMatchObject({
      exit: 'denied',
      message: expect.stringMatching(/^you have no roles at /),
    });
  });
});

describe('pick on a terminal', () => {
  /** What a person sees, and a way to type. */
  function onTerminal() {
    const [stdin, stderr] = [new PassThrough(), new PassThrough()];
    useMachine({ isInteractive: true, stdin, stderr });
    let seen = '';
    stderr.on('data', (data) => {
      seen += data;
    });
    const sees = (words: string) => expect.poll(() => seen).toContain(words);
    return { stdin, sees, screen: () => seen };
  }

  test.each([
    [['builder'], 'team/Builder'],
    [['PROD', 'read'], 'ReadOnly'],
    [['7777', 'dev'], '777788889999:role/Developer'],
    [['pci'], '444455556666:role/Developer'],
    [['sandbox'], '777788889999:role/Developer'],
    [['reado'], 'ReadOnly'],
  ])('%j are words of one role, which is named on standard error', async (words, expected) => {
    useMachine({ isInteractive: true });
    expect(await run('pick', ...words)).toBe(`${arn(expected)}\n`);
    expect(machine.takeStderr()).toMatch(/^rolegate: \S+\/\w+ \(\d{12}\)\n$/);
  });

  test('letters that only come close are not enough to go on: the person chooses', async () => {
    const { stdin, sees } = onTerminal();
    const picked = run('pick', 'prodadm');
    await sees('payments-prod/Admin');
    stdin.write('\r');
    expect(await picked).toBe(`${arn('Admin')}\n`);
  });

  test('offers favourites first, then what was used last; standard output has the result only', async () => {
    broker.preferences = {
      favourites: [arn('ReadOnly')],
      recents: [{ roleArn: arn('777788889999:role/Developer'), usedAt: '2026-01-01T00:00:00.000Z' }],
    };
    const { stdin, sees, screen } = onTerminal();
    const picked = run('pick');
    await sees('payments-prod/Admin');
    const order = ['payments-prod/ReadOnly', 'sandbox/Developer', 'payments-dev/Developer'].map((name) =>
      screen().indexOf(name),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    stdin.write('\r');
    expect(await picked).toBe(`${arn('ReadOnly')}\n`);
  });

  test('begins with what was typed, and finds more letters', async () => {
    const { stdin, sees, screen } = onTerminal();
    const picked = run('pick', 'payments');
    await sees('payments-dev/Developer');
    stdin.write(' adm');
    await expect
      .poll(() => screen().split('payments adm').at(-1))
      .toMatch(/^(?!.*payments-dev\/).*payments-prod\/Admin/s);
    stdin.write('\r');
    expect(await picked).toBe(`${arn('Admin')}\n`);
  });

  test('ends when the person leaves', async () => {
    const { stdin, sees } = onTerminal();
    const picked = run('pick');
    await sees('payments-prod/Admin');
    stdin.write('\u0003');
    await expect(picked).rejects.toMatchObject({ exit: 'failed', message: 'no role was chosen' });
  });
});

describe('roles', () => {
  test('are a table, favourites first and marked', async () => {
    broker.preferences = { favourites: [arn('Admin')], recents: [] };
    const lines = (await run('roles')).split('\n');
    expect(lines[0]).toBe('   ROLE                       ACCOUNT        ID            ENVIRONMENT  UP TO');
    expect(lines[1]).toBe(
      '*  payments-prod/Admin        payments prod  111122223333  production   90 min, asks for a new sign-in',
    );
    expect(lines).toHaveLength(7);
  });

  test('with words are those that have them all', async () => {
    expect((await run('roles', 'payments', 'DEVELOPER')).split('\n').slice(1, -1)).toHaveLength(1);
    await run('roles', 'nothing');
    expect(machine.takeStderr()).toBe('none of your roles fits\n');
  });

  test('as JSON are what the broker sent, with every odd sign escaped', async () => {
    const odd = roleEntry('payments-dev/Developer', { accountName: 'a\u001b[2J\u009b\u202e\u{e0041}b' });
    broker.roles = [odd];
    const json = await run('roles', '--json');
    expect(JSON.parse(json)).toEqual({ roles: [odd] });
    expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('never write a control character to the terminal', async () => {
    broker.roles = [
      roleEntry('payments-dev/Developer', {
        accountName: 'a\u001b]0;x\u0007\nb\u009b2J\u202e',
        accountAlias: 'p\u001b[2J',
      }),
    ];
    const shown = await run('roles');
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(shown.split('\n')).toHaveLength(3);
    useMachine({ isInteractive: true });
    await run('pick');
    expect(machine.takeStderr().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('are remembered for completion, for this broker only', async () => {
    await run('roles');
    expect(readKnownRoles(machine.context, broker.url)).toContainEqual({
      roleArn: arn('Admin'),
      name: 'payments-prod/Admin',
      region: 'eu-west-1',
    });
    expect(readKnownRoles(machine.context, 'https://other.example')).toEqual([]);
  });
});

test('a cache that cannot be written costs a line, and no answer', async () => {
  // A file, where a folder should be.
  useMachine({ env: { ROLEGATE_CACHE_HOME: '/dev/null/cache' } });
  expect(await run('pick', 'payments-dev/Developer')).toBe(`${arn('444455556666:role/Developer')}\n`);
  expect(machine.takeStderr()).toMatch(/ cannot be used: [^\n]+ \((ENOTDIR|EEXIST)\)\n$/);
});

describe('a table', () => {
  const rows = [
    ['NAME', 'ACCOUNT'],
    ['결제 개발 환경 계정 이름', 'payments-development-account'],
    ['x', 'y'],
  ];

  test.each([30, 40, 52, 60])('fits into %i columns, where letters may be wide', (width) => {
    const lines = table(rows, width);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    expect(lines.join('').includes('…')).toBe(width < 54);
  });

  test('is not shortened without a terminal', () => {
    expect(table(rows, undefined)[1]).toBe('결제 개발 환경 계정 이름  payments-development-account');
  });

  test('keeps whole what it is told to, as long as it can', () => {
    const [, long] = table(rows, 40, [1]);
    expect(long).toMatch(/^결제 개.*… {2}payments-development-account$/);
    expect(table(rows, 30, [1])[1]).toMatch(/^결제.*… {2}payments-d.*…$/);
  });

  test('cuts whole letters', () => {
    expect([shorten('결제', 3), shorten('👩‍💻👩‍💻', 3), shorten('abc', 3)]).toEqual(['결…', '👩‍💻…', 'abc']);
  });
});
