// The register of issued credentials: until they expire, within bounds, and unreadable in the database.
import { expect, test } from 'vitest';
import { resolveRoles } from '../../../src/access/resolve.ts';
import { createCredentialRegister, registeredShape } from '../../../src/broker/revocation/credential-register.ts';
import { createSealedSets } from '../../../src/store/sealed-sets.ts';
import { group, now, person, policy, rule } from '../../access/support.ts';
import { createDumpedStore, leaks, testStorage } from '../../store/support.ts';

const names = { roleSessionName: 'alice@corp.example', sourceIdentity: 'alice@corp.example' };
const alice = person();
const [role] = resolveRoles(alice, policy(rule(group('CORP\\AWS-Payments-Dev'))), now);
const hour = 3_600_000;

function bench(most = 1000) {
  const store = createDumpedStore();
  const { keyValue, clock } = store;
  const over = (...secrets: string[]) => {
    const sets = createSealedSets('issued', registeredShape, most, testStorage(keyValue, clock, secrets));
    return createCredentialRegister({ sets, clock });
  };
  const register = over('s'.repeat(32));
  const add = (accessKeyId: string, hours: number, identity = alice, changes: object = {}) =>
    register.add({ identity, isLive: async () => true }, [{ ...role!, ...changes }], names, {
      purpose: 'credentials',
      accessKeyId,
      expiresAt: clock.now().getTime() + hours * hour,
    });
  const keys = async (filter = {}) => (await register.find(filter)).credentials.map(({ accessKeyId }) => accessKeyId);
  return { ...store, over, register, add, keys };
}

test('lists what has not expired, what lasts longest first', async () => {
  const { add, keys, clock } = bench();
  await add('ASIASHORT', 1);
  await add('ASIALONG', 2);
  expect(await keys()).toEqual(['ASIALONG', 'ASIASHORT']);
  clock.advance(hour);
  expect(await keys()).toEqual(['ASIALONG']);
  clock.advance(hour);
  expect(await keys()).toEqual([]);
});

test('refuses what belongs to a session that has ended, and keeps it', async () => {
  const { register, clock, keys } = bench();
  const expiresAt = clock.now().getTime() + hour;
  const issued = { purpose: 'credentials', accessKeyId: 'ASIALATE', expiresAt } as const;
  // The entry is there when the question is asked.
  const isLive = async () => (await keys()).length === 0;
  await expect(register.add({ identity: alice, isLive }, [role!], names, issued)).rejects.toThrow(
    expect.objectContaining({ code: 'unauthenticated' }),
  );
  expect(await keys()).toEqual(['ASIALATE']);
});

test('finds those of a user, of an identity provider, and of both', async () => {
  const { add, keys } = bench();
  await add('ASIAALICE', 1);
  await add('ASIABOB', 1, person({ user: 'bob@corp.example' }));
  await add('ASIAPARTNER', 1, person({ idp: 'partners' }));
  const { user } = alice;
  expect((await keys({ user })).sort()).toEqual(['ASIAALICE', 'ASIAPARTNER']);
  expect(await keys({ idp: 'partners' })).toEqual(['ASIAPARTNER']);
  expect(await keys({ user, idp: alice.idp })).toEqual(['ASIAALICE']);
});

test('keeps of one person what lasts longest, and says that there may be more', async () => {
  const { add, register, keys } = bench(1000);
  for (let count = 0; count < 1000; count++) await add(`ASIA${count}`, 2);
  await add('ASIASHORT', 1);
  await add('ASIALONG', 3);
  await add('ASIABOB', 1, person({ user: 'bob@corp.example' }));
  const found = await register.find({});
  expect([found.credentials.length, found.incomplete]).toEqual([1001, [alice.user]]);
  expect((await keys()).slice(0, 1)).toEqual(['ASIALONG']);
  expect(await keys()).not.toContain('ASIASHORT');
});

test('a console that lasts longer than its credentials counts once, with the later end', async () => {
  const { add, register } = bench();
  await add('ASIACONSOLE', 1);
  await add('ASIACONSOLE', 8);
  const { credentials } = await register.find({});
  expect(credentials.map(({ expiresAt, issuedAt }) => (expiresAt - issuedAt) / hour)).toEqual([8]);
});

test('no SourceIdentity is named where the identity provider decides about it', async () => {
  const { add, register } = bench();
  await add('ASIAMINT', 1);
  await add('ASIAFORWARD', 1, alice, { mode: 'forward' });
  const { credentials } = await register.find({});
  const named = Object.fromEntries(credentials.map((each) => [each.accessKeyId, each.sourceIdentity]));
  expect(named).toEqual({ ASIAMINT: 'alice@corp.example', ASIAFORWARD: undefined });
});

test('shows a reader of the database nothing, and takes nothing from a writer or under a secret that was removed', async () => {
  const { add, dump, over, keys, keyValue, register } = bench();
  await add('ASIASECRETLY', 1);
  const dumped = await dump();
  expect(dumped).toHaveLength(1);
  expect(leaks(dumped, ['ASIASECRETLY', 'alice', 'Developer', '444455556666'])).toEqual([]);
  const [[key, member]] = dumped as [[string, Buffer]];
  await keyValue.addToIndex('issued:elsewhere', member.toString(), hour);
  await keyValue.addToIndex(key, Buffer.from('planted by a writer of the database').toString('base64'), hour);
  expect(await keys()).toEqual(['ASIASECRETLY']);
  const [renewed, foreign] = [over('t'.repeat(32), 's'.repeat(32)), over('t'.repeat(32))];
  expect(await renewed.find({})).toEqual(await register.find({}));
  expect((await foreign.find({})).credentials).toEqual([]);
});
