import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { createDistrustedIdps } from '../../../src/broker/sign-in/distrusted-idps.ts';
import { createReferenceCheck, type ReferenceCheckDeps } from '../../../src/broker/sign-in/reference-check.ts';
import type { SignedInSession } from '../../../src/broker/sign-in/session.ts';
import { createLogger } from '../../../src/log.ts';
import type { ReferenceInput, ReferenceVerdict } from '../../../src/saml/reference-input.ts';
import { checkByReference } from '../../../src/saml/reference-verifier.ts';
import { type ValidatedResponse, validateResponse } from '../../../src/saml/validate-response.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createSharedRecords } from '../../../src/store/shared-records.ts';
import { expectationsFor, now, signedResponse } from '../../saml/support/response-builder.ts';
import { testStorage } from '../../store/support.ts';
import { createTestClock } from '../../support/clock.ts';
import { keyPair } from '../../support/key-pairs.ts';

const request = { requestId: 'request-1', sourceIp: '192.0.2.1', userAgent: 'test' };
const [first, second] = [keyPair('idp-signing'), keyPair('idp-encryption')];
const session = { identity: { idp: 'adfs', user: 'alice' }, assertionId: '_a' } as SignedInSession;

function accepted(key = first, certificates = [key.cert]): ValidatedResponse {
  const expected = expectationsFor(key);
  const idp = { ...expected.idp, signingCertificates: certificates };
  return validateResponse(signedResponse(key), { ...expected, idp }, now);
}

/** As if another value had been read than was signed. */
function misread(): ValidatedResponse {
  const validated = accepted();
  return {
    ...validated,
    assertion: { ...validated.assertion, nameId: { ...validated.assertion.nameId!, value: 'eve' } },
  };
}

function createWorld(options: Partial<ReferenceCheckDeps> = {}) {
  const clock = createTestClock();
  const checked: ReferenceInput[] = [];
  const events: AuditEvent[] = [];
  const outcomes: string[] = [];
  const records = createSharedRecords('verification', testStorage(createMemoryStore(clock), clock));
  const distrusted = createDistrustedIdps(records);
  const process = () =>
    createReferenceCheck({
      mode: 'sampled',
      verifier: {
        check: (input): Promise<ReferenceVerdict> => {
          checked.push(input);
          return checkByReference(input);
        },
      },
      distrusted,
      audit: { record: async (event) => void events.push(event) },
      log: createLogger('silent'),
      clock,
      // Never a sample, unless a test says so.
      random: (size) => Buffer.alloc(size, 1),
      onSample: (outcome) => outcomes.push(outcome),
      ...options,
    });
  return { clock, checked, events, outcomes, distrusted, process, check: process() };
}

const sampled = { random: (size: number) => Buffer.alloc(size) };

describe('before the session opens', () => {
  test('the first message of a key is checked, further ones are not', async () => {
    const { check, checked } = createWorld();
    await check.before(accepted(), session, request);
    await check.before(accepted(), session, request);
    expect(checked).toHaveLength(1);
  });

  test('a key that signs for the first time is checked, and every key after a change of the metadata', async () => {
    const { check, checked } = createWorld();
    const both = [first.cert, second.cert];
    await check.before(accepted(first, both), session, request);
    await check.before(accepted(second, both), session, request);
    expect(checked).toHaveLength(2);
    await check.before(accepted(second), session, request);
    expect(checked).toHaveLength(3);
  });

  test('messages that arrive during the first check wait for it', async () => {
    const { check, checked } = createWorld();
    await Promise.all(Array.from({ length: 10 }, () => check.before(accepted(), session, request)));
    expect(checked).toHaveLength(1);
  });

  test('in mode always every message is checked, in mode never none', async () => {
    for (const [mode, count] of [
      ['always', 2],
      ['never', 0],
    ] as const) {
      const { check, checked } = createWorld({ mode });
      await check.before(accepted(), session, request);
      await check.before(accepted(), session, request);
      expect(checked).toHaveLength(count);
    }
  });

  test('a disagreement is refused and recorded, and from then on every process checks each message', async () => {
    const world = createWorld();
    await expect(world.check.before(misread(), session, request)).rejects.toMatchObject({
      code: 'saml_refused',
      reason: 'signature',
    });
    expect(world.events).toMatchObject([
      { event: 'verification_disagreed', idp: 'adfs', user: 'alice', assertionId: '_a', sessionEnded: false },
    ]);
    expect(JSON.stringify(world.events)).not.toContain('"eve"');
    expect(await world.distrusted.list()).toEqual(['adfs']);
    const other = world.process();
    world.checked.length = 0;
    await other.before(accepted(), session, request);
    await other.before(accepted(), session, request);
    expect(world.checked).toHaveLength(2);
  });

  test('after a reset by an operator the first message and samples are enough again', async () => {
    const world = createWorld();
    await world.distrusted.add('adfs');
    expect(await world.distrusted.remove('adfs')).toBe(true);
    await world.check.before(accepted(), session, request);
    await world.check.before(accepted(), session, request);
    expect(world.checked).toHaveLength(1);
  });

  test('without an answer of the reference there is no session, and the next message is checked again', async () => {
    let fails = true;
    const { check } = createWorld({
      verifier: {
        check: async (input) => {
          if (fails) throw new Error('not checked within 5000 ms');
          return checkByReference(input);
        },
      },
    });
    await expect(check.before(accepted(), session, request)).rejects.toMatchObject({
      code: 'verification_unavailable',
    });
    fails = false;
    await check.before(accepted(), session, request);
  });
});

describe('after the session has opened', () => {
  const opened = (ended: string[]) => ({ session, request, end: async () => void ended.push('ended') });

  test('one message in a hundred is checked', async () => {
    const draws = Array.from({ length: 1000 }, (_, index) => index);
    const { check, checked } = createWorld({
      random: (size) => {
        const bytes = Buffer.alloc(size);
        bytes.writeUInt32BE(draws.pop()!);
        return bytes;
      },
      verifier: {
        check: async (input) => {
          checked.push(input);
          return { agrees: true };
        },
      },
    });
    const validated = accepted();
    for (let index = 0; index < 1000; index++) check.after(validated, opened([]));
    expect(checked).toHaveLength(10);
  });

  test('a sample that agrees changes nothing', async () => {
    const ended: string[] = [];
    const { check, outcomes, events } = createWorld(sampled);
    check.after(accepted(), opened(ended));
    await expect.poll(() => outcomes).toEqual(['agreed']);
    expect([...ended, ...events]).toEqual([]);
  });

  test('a sample that disagrees ends the session, and the IdP is distrusted', async () => {
    const ended: string[] = [];
    const { check, outcomes, events, distrusted } = createWorld(sampled);
    check.after(misread(), opened(ended));
    await expect.poll(() => events).toMatchObject([{ event: 'verification_disagreed', sessionEnded: true }]);
    expect([outcomes, ended, await distrusted.list()]).toEqual([['disagreed'], ['ended'], ['adfs']]);
  });

  test('a sample that does not fit into the queue is counted', async () => {
    const { check, outcomes } = createWorld({
      ...sampled,
      verifier: { check: () => Promise.reject(new Error('full')) },
    });
    check.after(accepted(), opened([]));
    await expect.poll(() => outcomes).toEqual(['skipped']);
  });
});
