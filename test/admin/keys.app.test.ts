// The life of a key rotation, step by step, on real files: at no point do the two sides disagree.
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountsWithout, describeTrust } from '../../src/admin/account-trust.ts';
import { describeKeys, mintingCertificates, retireKey, rotateKey } from '../../src/admin/keys.ts';
import type { Config } from '../../src/config/config.ts';
import type { IamAccess } from '../../src/provisioning/doctor-aws.ts';
import { readProviderTrust } from '../../src/provisioning/provider-trust.ts';
import { planAccounts } from '../../src/provisioning/provisioning.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { createWorkplace, goodProduction, load, now, type Workplace } from '../config/support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const later = new Date(now.getTime() + 3_600_000);
const fingerprint = (file: string) => new X509Certificate(readFileSync(workplace.path(file))).fingerprint256;
const withNext = (section: 'aws' | 'serviceProvider', nextSigning: unknown): Promise<Config> => {
  const raw = goodProduction();
  return load(workplace, { ...raw, [section]: { ...(raw[section] as object), nextSigning } });
};
const publishedFor = async (config: Config, which: 'aws' | 'sp') => {
  const { sp, aws } = publishMetadata(config);
  const certificates = (which === 'sp' ? await sp() : aws).matchAll(/X509Certificate>([^<]+)</g);
  const pems = [...certificates].map(([, body]) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`);
  return new Set(pems.map((pem) => new X509Certificate(pem).fingerprint256));
};

test.each([['aws', 'aws', 'aws.next.crt'] as const, ['sp', 'serviceProvider', [{ cert: 'sp.next.crt' }]] as const])(
  'the %s key is replaced, and both are published while either may sign',
  async (which, section, nextSigning) => {
    const before = await load(workplace, goodProduction());
    const old = fingerprint(`${which}.crt`);
    expect(describeKeys(before, now)).toContain(`${which}: CN=broker.example ${which}`);

    expect((await rotateKey(before, which, later)).text).toMatch(/^Made .*next\.key/);
    const fresh = fingerprint(`${which}.next.crt`);
    expect(statSync(workplace.path(`${which}.next.key`)).mode & 0o777).toBe(0o600);
    expect((await rotateKey(before, which, later)).text).toContain('not published yet');
    expect(fingerprint(`${which}.crt`)).toBe(old);
    expect(describeKeys(before, now)).toContain(`${which} rotation: made`);

    const published = await withNext(section, nextSigning);
    expect(await publishedFor(published, which)).toEqual(new Set([old, fresh]));
    expect((await rotateKey(published, which, later)).text).toContain('is the new key');
    expect([fingerprint(`${which}.crt`), fingerprint(`${which}.next.crt`)]).toEqual([fresh, old]);

    const swapped = await withNext(section, nextSigning);
    expect(await publishedFor(swapped, which)).toEqual(new Set([old, fresh]));
    expect((await rotateKey(swapped, which, later)).text).toContain(`keys retire ${which}`);
    expect(fingerprint(`${which}.crt`)).toBe(fresh);
    expect(describeKeys(swapped, now)).toContain(`${which} rotation: swapped`);

    expect(await retireKey(swapped, which)).toMatchObject({
      isRefused: true,
      text: expect.stringContaining('still published'),
    });
    const after = await load(workplace, goodProduction());
    expect(await publishedFor(after, which)).toEqual(new Set([fresh]));
    expect(await retireKey(after, which)).toMatchObject({ done: { step: 'retired' } });
    expect(['key', 'crt'].filter((kind) => existsSync(workplace.path(`${which}.next.${kind}`)))).toEqual([]);
    expect(fingerprint(`${which}.crt`)).toBe(fresh);
    expect(await retireKey(after, which)).toMatchObject({
      isRefused: true,
      text: expect.stringContaining('no old pair'),
    });
  },
);

test('the output contains no private key', async () => {
  expect(describeKeys(await load(workplace, goodProduction()), now)).not.toContain('PRIVATE');
});

test('a service provider without a signing key has none to replace', async () => {
  const raw = goodProduction();
  const { signing: _, ...serviceProvider } = raw['serviceProvider'] as Record<string, unknown>;
  const config = await load(workplace, { ...raw, serviceProvider });
  expect(describeKeys(config, now)).not.toContain('sp:');
  await expect(rotateKey(config, 'sp', now)).rejects.toThrow('no serviceProvider.signing');
});

test('no step locks an account out: IAM has to trust the key that signs next', async () => {
  const own = await createWorkplace();
  try {
    const withPair = (next: object) => {
      const raw = goodProduction();
      return load(own, { ...raw, aws: { ...(raw['aws'] as object), ...next } });
    };
    const before = await withPair({});
    // What the administrators of the accounts uploaded last.
    let uploaded = publishMetadata(before).aws;
    const open = async ({ account }: { account: { id: string } }): Promise<IamAccess> => ({
      accountId: account.id,
      iam: {
        samlProvider: () => Promise.resolve({ metadata: uploaded, requiresEncryption: false }),
        oidcProvider: () => Promise.resolve(undefined),
        role: () => Promise.resolve(undefined),
      },
    });
    const accounts = () => readProviderTrust(planAccounts(before, { sourceIps: [], brokerArn: undefined }), open);
    const lockedOut = async (pem: string) => accountsWithout(await accounts(), pem);
    const shown = async (config: Config) => describeTrust(await accounts(), mintingCertificates(config));

    expect(await shown(before)).toMatch(/: trusts the certificate in use$/);
    await rotateKey(before, 'aws', later, lockedOut);
    const published = await withPair({ nextSigning: 'aws.next.crt' });
    expect(await shown(published)).toMatch(/: trusts only the certificate in use: upload/);
    const refused = await rotateKey(published, 'aws', later, lockedOut);
    expect(refused).toMatchObject({ isRefused: true, text: expect.stringContaining('does not trust SHA-256') });
    expect(refused.done).toBeUndefined();

    const old = uploaded;
    uploaded = publishMetadata(published).aws;
    expect(await shown(published)).toMatch(/: trusts the certificate in use and the next certificate$/);
    expect(await rotateKey(published, 'aws', later, lockedOut)).toMatchObject({ done: { step: 'swapped' } });
    const after = await withPair({});
    expect(await shown(after)).toMatch(/: trusts the certificate in use and the old certificate$/);

    uploaded = old;
    expect(await shown(after)).toMatch(/: LOCKED OUT: trusts only the old certificate/);
    expect(await retireKey(after, 'aws', lockedOut)).toMatchObject({ isRefused: true });
    expect(existsSync(own.path('aws.next.key'))).toBe(true);
    uploaded = publishMetadata(after).aws;
    expect(await retireKey(after, 'aws', lockedOut)).toMatchObject({ done: { step: 'retired' } });
  } finally {
    own.remove();
  }
});

test('an account that cannot be read counts as one that would be locked out', async () => {
  const config = await load(workplace, goodProduction());
  const open = () => Promise.reject(new Error('AccessDenied'));
  const accounts = await readProviderTrust(planAccounts(config, { sourceIps: [], brokerArn: undefined }), open);
  expect(accounts.length).toBeGreaterThan(0);
  expect(accountsWithout(accounts, config.aws.signing.certificate)).toHaveLength(accounts.length);
  expect(describeTrust(accounts, mintingCertificates(config))).toContain('could not be read: AccessDenied');
});
