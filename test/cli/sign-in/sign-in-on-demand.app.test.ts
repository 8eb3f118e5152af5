// A command that needs a sign-in: in a terminal it asks, signs in, and goes on.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { obtainCredentials } from '../../../src/cli/credentials/credentials.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { roleArn, type SmallBroker, signInAt, startSmallBroker } from '../support/broker.ts';
import { browse, run } from '../support/login.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let server: StandIn;
let broker: SmallBroker;
let machine: Machine;

beforeAll(async () => {
  server = await startStandIn();
});
afterAll(() => server.stop());
beforeEach(async () => {
  broker = await startSmallBroker();
  machine = createMachine({ isInteractive: true });
});
afterEach(async () => {
  await broker.close();
  machine.remove();
});

describe('in a terminal', () => {
  test.each(['y\n', '\n'])('%j signs in, and the command goes on', async (answer) => {
    const command = run(machine, 'whoami', '--broker', server.origin);
    await command.says(/You are not signed in at .*Sign in now\? \[Y\/n\]/);
    machine.context.stdin.push(answer);
    await browse(command);
    expect(await command.ended).toEqual({ exit: 'ok', message: '' });
    expect(machine.takeStdout()).toContain('signed in until');
  });

  test('"n" and leaving end the command with the line to type', async () => {
    for (const answer of ['n\n', null]) {
      const other = createMachine({ isInteractive: true });
      const command = run(other, 'whoami', '--broker', server.origin);
      await command.says(/Sign in now\?/);
      other.context.stdin.push(answer);
      expect(await command.ended).toMatchObject({ exit: 'login', message: expect.stringContaining('rolegate login') });
      other.remove();
    }
  });

  test('status, login and credential-process do not ask', async () => {
    for (const words of [['status'], ['credential-process', '--role', roleArn]]) {
      const { exit } = await run(machine, ...words, '--broker', server.origin).ended;
      expect(exit).toBe('login');
    }
  });
});

test('a role that requires a stronger sign-in is asked for by name, once, without holding the lock', async () => {
  signInAt(machine.context, broker.url);
  broker.answer.status = 403;
  broker.answer.problem = { code: 'step_up_required', title: 'More', detail: 'A newer sign-in.' };
  const asked: unknown[] = [];
  const context = {
    ...machine.context,
    requestSignIn: async (...words: unknown[]) => {
      asked.push(words);
      // Another process gets an answer meanwhile: the lock is free.
      await obtainCredentials(machine.context, { broker: broker.url, roleArn }).catch(() => undefined);
      broker.answer.status = 200;
      return asked.length < 2;
    },
  };
  expect(await obtainCredentials(context, { broker: broker.url, roleArn })).toMatchObject({ RoleArn: roleArn });
  expect(asked).toEqual([[broker.url, roleArn]]);
});
