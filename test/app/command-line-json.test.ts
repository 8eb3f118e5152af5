// Every command that offers --json, one after the other, against the real broker: standard output is one JSON document
// with the fields that docs/command-line.md names.
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { run } from '../cli/support/login.ts';
import { createMachine, type Machine } from '../cli/support/machine.ts';
import { listItems } from '../support/documentation.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { decide, goOn, reachConfirm, signInAddress } from './support/command-line.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';

let demo: TestDemo;
let machine: Machine;
const browser = createHttpBrowser();
beforeAll(async () => {
  demo = await startTestDemo();
  machine = createMachine({ env: { ROLEGATE_URL: demo.brokerUrl, AWS_ENDPOINT_URL: demo.awsUrl } });
});
afterAll(async () => {
  browser.close();
  machine.remove();
  await demo.close();
});

const developer = 'arn:aws:iam::444455556666:role/Developer';
const reader = 'arn:aws:iam::333344445555:role/InvoiceReader';
const role = ['--role', developer];

/** In this order: each needs what the ones before it left. */
const lines: readonly (readonly [command: string, ...words: string[]])[] = [
  ['version'],
  ['init', 'BROKER'],
  ['brokers list'],
  ['brokers use', 'BROKER'],
  ['login', '--no-browser'],
  ['whoami'],
  ['status'],
  ['roles'],
  ['pick', 'payments-dev/Developer'],
  ['profiles sync', '--yes'],
  ['profiles add', 'reader', ...role, '--then', reader, '--yes'],
  ['profiles list'],
  ['profiles remove', 'reader', '--yes'],
  ['export', 'payments-dev/Developer', '--then', reader],
  ['serve', 'payments-dev/Developer'],
  ['console', 'payments-dev/Developer', '--print'],
  ['presign', 's3://sample-invoices/2026/01.csv', ...role, '--region', 'eu-west-1'],
  ['rds-token', '--hostname', 'db.abc.eu-west-1.rds.amazonaws.com', '--port', '5432', '--username', 'app', ...role],
  ['doctor'],
  ['logout', '--all'],
];

test.each(lines)('%s', async (command, ...words) => {
  const argv = [...command.split(' '), ...words.map((word) => (word === 'BROKER' ? demo.brokerUrl : word)), '--json'];
  if (command === 'login') await signIn(argv);
  else if (command === 'serve') await serve(argv);
  else {
    // The test's machine may lack a browser or the AWS CLI: doctor then fails.
    await runProgram(machine.context, argv, true).catch((error) => {
      if (command !== 'doctor') throw error;
    });
  }
  const document = JSON.parse(machine.takeStdout());
  const { fields, isComplete } = documented().get(command)!;
  expect(Object.keys(document)).toEqual(isComplete ? fields : expect.arrayContaining(fields));
});

async function signIn(argv: string[]): Promise<void> {
  const login = run(machine, ...argv);
  const page = await reachConfirm(browser, await login.says(signInAddress), 'alice');
  await goOn(browser, await decide(browser, page, 'allow'));
  expect(await login.ended).toMatchObject({ exit: 'ok' });
}

/** It ends when interrupted: the signal goes to its listener, not to the test's process. */
async function serve(argv: string[]): Promise<void> {
  const printed = new Promise((resolve) => (machine.context.stdout as unknown as Readable).once('readable', resolve));
  const serving = runProgram(machine.context, argv, true);
  await Promise.race([printed, serving]);
  while (process.listenerCount('SIGHUP') === 0) await new Promise(setImmediate);
  process.listeners('SIGHUP').at(-1)!('SIGHUP');
  await serving;
}

test('no command that offers --json is missing here, nor in the documentation', async () => {
  const complete = async (...words: string[]) => {
    await runProgram(machine.context, ['complete', '--', ...words]);
    return machine.takeStdout().split('\n').filter(Boolean);
  };
  const parents = ['brokers', 'profiles'];
  const commands = (await complete('')).filter((name) => !parents.includes(name)).map((name) => [name]);
  for (const parent of parents) {
    for (const name of (await complete(parent, '')).filter((each) => each !== 'help')) commands.push([parent, name]);
  }
  const offering: string[] = [];
  for (const words of commands) {
    if ((await complete(...words, '--js')).includes('--json')) offering.push(words.join(' '));
  }
  // `update` needs a build with a release key: test/cli/update has it.
  expect(offering.sort()).toEqual([...lines.map(([command]) => command), 'update'].sort());
  expect([...documented().keys()].sort()).toEqual(offering);
});

/** Fields of each command's document, from the list: those behind a colon or in brackets are inside of one. */
function documented() {
  const text = readFileSync(new URL('../../docs/command-line.md', import.meta.url), 'utf8');
  const [, section = ''] = /^## JSON\n(.*?)^## /ms.exec(text) ?? [];
  const rows = listItems(section).map(({ head }) => /^`([\w -]+)`: (.*)$/.exec(head)!);
  return new Map(
    rows.map(([, command, fields]) => {
      const outer = fields!.replace(/\([^)]*\)|:.*/g, '').replace(/,? (and|each|as) .*/, '');
      const isComplete = !fields!.includes(' and more ');
      return [command!, { fields: [...outer.matchAll(/`(\w+)`/g)].map(([, name]) => name!), isComplete }] as const;
    }),
  );
}
