// What offboarding signals leave behind, in whatever order they arrive.
import { expect, test } from 'vitest';
import { createKeptOut } from '../../../src/broker/sign-in/kept-out.ts';
import { createSharedRecords } from '../../../src/store/shared-records.ts';
import { createDumpedStore, testStorage } from '../../store/support.ts';

const person = { idp: 'adfs', user: 'bob@corp.example' };
const at = (second: number) => new Date(Date.UTC(2026, 2, 2, 9, 0, second));

function keptOut() {
  const { keyValue, clock } = createDumpedStore();
  return createKeptOut(createSharedRecords('kept-out', testStorage(keyValue, clock)), 3_600_000);
}

test('the newest signal counts, and of two of one second the one that keeps out', async () => {
  for (const [first, second] of [
    ['enabled', 'disabled'],
    ['disabled', 'enabled'],
  ] as const) {
    const marks = keptOut();
    await marks.setState(person, first, at(1));
    await marks.setState(person, second, at(1));
    expect(await marks.stateOf(person)).toBe('disabled');
    expect(await marks.setState(person, 'enabled', at(0))).toBe(false);
    expect(await marks.setState(person, 'enabled', at(2))).toBe(true);
    expect(await marks.isDisabled(person)).toBe(false);
  }
});
