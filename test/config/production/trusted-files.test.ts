// Files beside the configuration that others could replace or read: who believes them would believe those.
import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import {
  change,
  createWorkplace,
  env,
  goodProduction,
  load,
  now,
  problemsOf,
  type Raw,
  type Workplace,
} from '../support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const metadata = 'identityProviders[0].metadata';
const url = 'https://adfs.example/metadata.xml';
const redis = (raw: Raw, settings: object) =>
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
  change(raw, 'store', { type: 'redis', url: 'rediss://redis.example', password: '${REDIS_PASSWORD}', ...settings });

/** The path in messages, the file that is copied, and the setting that names the copy. */
const rows: readonly (readonly [string, string, (raw: Raw, file: string) => Raw])[] = [
  [`${metadata}.file`, 'idp-metadata.xml', (raw, file) => change(raw, metadata, { file })],
  [`${metadata}.signingCertificate`, 'sp.crt', (raw, file) => change(raw, metadata, { url, signingCertificate: file })],
  ['store.ca', 'tls.crt', (raw, file) => redis(raw, { ca: file })],
  ['store.password', 'sp.crt', (raw, file) => redis(raw, { password: `\${file:${file}}` })],
];

describe.each(rows)('%s in production', (path, original, name) => {
  const fileIn = (folder: string, mode: number, folderMode = 0o755) => {
    const full = `${path}-${folder}`;
    mkdirSync(workplace.path(full), { recursive: true });
    copyFileSync(workplace.path(original), workplace.path(`${full}/file`));
    chmodSync(workplace.path(`${full}/file`), mode);
    chmodSync(workplace.path(full), folderMode);
    return name(goodProduction(), `${full}/file`);
  };

  test.each([0o600, 0o640, 0o440])('may have the mode %o', async (mode) => {
    expect(await problemsOf(workplace, fileIn('good', mode))).toEqual([]);
  });

  test.each([0o660, 0o602, 0o666])('must not have the mode %o', async (mode) => {
    const raw = fileIn('bad', mode);
    const expected = `${path}: ${workplace.path(`${path}-bad/file`)} can be replaced by others: its group or others can write to it`;
    expect(await problemsOf(workplace, raw)).toEqual([expect.stringContaining(expected)]);
    expect((await load(workplace, { ...raw, mode: 'development' })).warnings).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  test('must not be in a folder that others can write to', async () => {
    expect(await problemsOf(workplace, fileIn('open', 0o600, 0o777))).toEqual([
      expect.stringContaining(`its group or others can write to ${workplace.path(`${path}-open`)}`),
    ]);
  });

  test('may come from a volume of Kubernetes', async () => {
    fileIn('volume/..data-1', 0o440);
    const volume = workplace.path(`${path}-volume`);
    symlinkSync('..data-1/file', `${volume}/file`);
    chmodSync(volume, 0o3777);
    expect(await problemsOf(workplace, name(goodProduction(), `${path}-volume/file`))).toEqual([]);
  });

  test('may be read by others unless it is a secret', async () => {
    const problems = await problemsOf(workplace, fileIn('readable', 0o644));
    expect(problems).toEqual(
      path === 'store.password' ? [expect.stringMatching(/^store\.password: .* can be read by others/)] : [],
    );
  });
});

test('the configuration itself must not be writable by others in production', async () => {
  const file = workplace.path('rolegate.yaml');
  workplace.write('rolegate.yaml', stringify(goodProduction()), 0o644);
  expect((await loadConfig(file, env, now)).warnings).toEqual([]);
  chmodSync(file, 0o664);
  const refused = await loadConfig(file, env, now).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConfigError);
  expect((refused as ConfigError).problems).toEqual([
    `configuration: ${file} can be replaced by others: its group or others can write to it (chmod go-w)`,
  ]);
});
