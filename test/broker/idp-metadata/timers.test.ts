// What happens later happens once, and not after the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTimers } from '../../../src/broker/idp-metadata/timers.ts';
import { waitFor } from '../../support/wait.ts';

test('a step is taken after its time, and none after stop', async () => {
  const taken: string[] = [];
  const step = (name: string) => async () => void taken.push(name);
  const timers = createTimers();
  timers.later(5, step('first'));
  timers.later(20_000, step('far'));
  await waitFor('the first step', () => taken.length > 0);
  expect(taken).toEqual(['first']);
  timers.later(5, step('stopped'));
  timers.stop();
  timers.later(1, step('too late'));
  await sleep(30);
  expect(taken).toEqual(['first']);
});
