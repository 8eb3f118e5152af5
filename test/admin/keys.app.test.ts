// The life of a key rotation, step by step, on real files: at no point do the two sides disagree.
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKeys, rotateKey } from '../../src/admin/keys.ts';
import type { Config } from '../../src/config/config.ts';
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
    expect((await rotateKey(swapped, which, later)).text).toContain('delete the old pair');
    expect(fingerprint(`${which}.crt`)).toBe(fresh);
    expect(describeKeys(swapped, now)).toContain(`${which} rotation: swapped`);
    expect(await publishedFor(await load(workplace, goodProduction()), which)).toEqual(new Set([fresh]));
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
