// The mode assume-role against an emulated STS: which identity signs, and the error when the hub role refuses it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../../emulators/aws/server.ts';
import { BROKER, PARTNER, roleArn, signedEstate } from '../../../../emulators/test/aws/support/signed-calls.ts';
import type { EligibleRole } from '../../../../src/access/model.ts';
import { resolveRoles } from '../../../../src/access/resolve.ts';
import { createSts } from '../../../../src/aws/sts.ts';
import { createAssumeRole } from '../../../../src/broker/credentials/modes/assume-role.ts';
import { sessionContent, sessionNames } from '../../../../src/broker/credentials/session-content.ts';
import type { AssumeRoleSettings } from '../../../../src/config/federation.ts';
import { group, now, person, policy, rule } from '../../../access/support.ts';
import { stsOptions } from '../../../aws/support/sts-options.ts';

let aws: AwsEmulator;
beforeAll(async () => {
  aws = await startAws({ now: () => new Date(), estate: signedEstate() });
});
afterAll(() => aws.close());

const alice = person({ user: 'alice' });
const session = {
  ...{ identity: alice, nameId: undefined, sessionIndex: undefined, assertionId: '_a', steppedUpFor: undefined },
  expiresAt: now.getTime(),
};

/** In the account of the partner, who is 444455556666 in both worlds. */
function roleCalled(name: string): EligibleRole {
  const grant = { role: name, mode: 'assume-role' as const, sourceIdentity: false };
  return resolveRoles(alice, policy(rule(group('CORP\\AWS-Payments-Dev'), grant)), now)[0]!;
}

async function prepare(name: string, settings: Partial<AssumeRoleSettings>) {
  const mode = createAssumeRole({
    sts: createSts(stsOptions(() => aws.url)),
    settings: { callerIsUser: true, externalId: undefined, externalIds: {}, hub: undefined, ...settings },
    region: 'eu-west-1',
    ownIdentity: async () => BROKER,
  });
  const role = roleCalled(name);
  const content = sessionContent(role, alice, sessionNames(role, alice, alice.idp), undefined);
  return mode({ session, role, content, purpose: 'credentials', now });
}

const hub = { roleArn: roleArn('Hub'), externalId: undefined };

test.each([
  ['for all', { externalId: 'customer-42' }],
  ['of the account, before the one for all', { externalId: 'other', externalIds: { [PARTNER]: 'customer-42' } }],
])('sends the external id %s', async (_, settings) => {
  const prepared = await prepare('Vendor', settings);
  await expect(prepared.redeem(900)).resolves.toMatchObject({
    assumedRoleArn: `arn:aws:sts::${PARTNER}:assumed-role/Vendor/alice`,
  });
});

test.each([
  ['keys of a user', {}, true],
  ['a role', { callerIsUser: false }, false],
  ['a hub', { hub }, false],
])('with %s the console takes a duration of its own: %o %s', async (_, settings, takes) => {
  expect(await prepare('OfHub', settings)).toMatchObject({ takesConsoleDuration: takes, facts: {} });
});

test('goes by way of the hub, once for many people', async () => {
  const before = aws.events.length;
  const prepared = await prepare('OfHub', { hub });
  await prepared.redeem(900);
  await prepared.redeem(900);
  const asked = aws.events.slice(before).map(({ requestParameters }) => requestParameters?.['roleSessionName']);
  expect(asked).toEqual(['rolegate', 'alice', 'alice']);
});

test('says that it was the hub that did not let it in, and what to do', async () => {
  const prepared = await prepare('OfHub', { hub: { ...hub, roleArn: roleArn('Nobody') } });
  await expect(prepared.redeem(900)).rejects.toMatchObject({
    code: 'sts_access_denied',
    message: expect.stringMatching(/on resource: arn:aws:iam::111122223333:role\/Nobody; .*external id/),
  });
});
