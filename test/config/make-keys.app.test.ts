// Key pairs that are made: for development where none exist yet, and for an operator who asks.
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { writeKeyPair } from '../../src/config/make-keys.ts';
import {
  change,
  copyFiles,
  createEmptyWorkplace,
  createWorkplace,
  env,
  goodProduction,
  load,
  now,
  problemsOf,
  type Workplace,
} from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

describe('the files in config/', () => {
  const folder = fileURLToPath(new URL('../../config', import.meta.url));
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));

  test('rolegate.yaml is among them', () => {
    expect(names).toContain('rolegate.yaml');
  });

  test.each(names)('%s loads on a clean clone with SESSION_SECRET alone', async (name) => {
    const clone = createEmptyWorkplace();
    cleanups.push(clone.remove);
    copyFiles(clone, 'config', folder, [name]);
    const config = await loadConfig(clone.path(`config/${name}`), env, now);
    expect(config.samlProviders.length).toBeGreaterThan(0);
    expect(await loadConfig(clone.path(`config/${name}`), env, now)).toMatchObject({ mode: config.mode });
  });
});

describe('key pairs in development', () => {
  test('that are missing are made, for their owner alone, and kept', async () => {
    const empty = createEmptyWorkplace();
    cleanups.push(empty.remove);
    empty.write('idp-metadata.xml', readFileSync(workplace.path('idp-metadata.xml'), 'utf8'));
    const raw = { ...goodProduction(), mode: 'development' };
    const first = await load(empty, raw);
    expect(first.warnings).toEqual(
      expect.arrayContaining([expect.stringContaining('aws.key: made'), expect.stringContaining('sp.key: made')]),
    );
    for (const name of ['aws.key', 'sp.key']) expect(statSync(empty.path(name)).mode & 0o777).toBe(0o600);
    const second = await load(empty, raw);
    expect(second.warnings.join()).not.toContain('made a new key pair');
    expect(second.aws.signing.certificate).toBe(first.aws.signing.certificate);
    expect(await problemsOf(empty, goodProduction())).toEqual([
      'aws.signing: is a certificate made for tests',
      'serviceProvider.signing: is a certificate made for tests',
    ]);
  });
});

describe('writeKeyPair', () => {
  test('makes a strong pair for its owner alone, valid as long as asked', async () => {
    const files = { key: workplace.path('made/new.key'), cert: workplace.path('made/new.crt') };
    await writeKeyPair(files, 'Rolegate minting', now, 10);
    expect(statSync(files.key).mode & 0o777).toBe(0o600);
    const certificate = new X509Certificate(readFileSync(files.cert));
    expect(certificate.subject).toBe('CN=Rolegate minting');
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    expect(new Date(certificate.validTo).toISOString()).toBe('2026-03-12T09:00:00.000Z');
    const signing = { key: 'made/new.key', cert: 'made/new.crt' };
    expect(await problemsOf(workplace, change(goodProduction(), 'aws.signing', signing))).toEqual([]);
  });

  test.each([['key'], ['cert']] as const)(
    'never writes over a %s that is there, and leaves no half behind',
    async (kind) => {
      const name = `kept-${kind}`;
      const files = { key: workplace.path(`${name}.key`), cert: workplace.path(`${name}.crt`) };
      const [there, other] = kind === 'key' ? [files.key, files.cert] : [files.cert, files.key];
      workplace.write(there.split('/').at(-1)!, 'precious');
      await expect(writeKeyPair(files, 'Rolegate', now)).rejects.toMatchObject({ code: 'EEXIST' });
      expect(readFileSync(there, 'utf8')).toBe('precious');
      expect(() => statSync(other)).toThrow('ENOENT');
    },
  );
});
