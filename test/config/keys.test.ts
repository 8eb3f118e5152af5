import { createPrivateKey } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../emulators/keys.ts';
import { replaceableFiles } from '../../src/config/production/replaceable-files.ts';
import { keyPair } from '../support/key-pairs.ts';
import { makeEcKeyPair } from './support/ec-key-pair.ts';
import { change, createWorkplace, goodProduction, load, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const read = (name: string) => readFileSync(workplace.path(name), 'utf8');
/** The problems of a configuration whose minting key lies in these files. */
const problemsWith = (key: string, cert: string) =>
  problemsOf(workplace, change(goodProduction(), 'aws.signing', { key, cert }));

describe('the mode of a private key', () => {
  test.each(['600', '400', '640', '440'])('%s is accepted', async (mode) => {
    workplace.write('mode.key', read('aws.key'), Number.parseInt(mode, 8));
    expect(await problemsWith('mode.key', 'aws.crt')).toEqual([]);
  });

  test.each(['644', '660', '620', '604', '602', '601', '666', '777'])('%s is refused', async (mode) => {
    workplace.write('mode.key', read('aws.key'), Number.parseInt(mode, 8));
    expect(await problemsWith('mode.key', 'aws.crt')).toEqual([
      `aws.signing.key: mode.key has mode 0${mode}; take away what others may, and the group's writing (chmod 0600); for a mounted secret, Kubernetes has defaultMode: 0440 with fsGroup, Compose has mode and uid`,
    ]);
  });

  test.each(['aws.signing', 'serviceProvider.signing', 'listen.tls'])('counts for %s', async (path) => {
    const name = path === 'listen.tls' ? 'tls' : path === 'aws.signing' ? 'aws' : 'sp';
    const raw = change(goodProduction(), path, { key: `${name}.key`, cert: `${name}.crt` });
    expect(await problemsOf(workplace, raw)).toEqual([]);
    chmodSync(workplace.path(`${name}.key`), 0o644);
    try {
      expect(await problemsOf(workplace, raw)).toEqual([expect.stringMatching(new RegExp(`^${path}\\.key: .*0644`))]);
    } finally {
      chmodSync(workplace.path(`${name}.key`), 0o600);
    }
  });
});

describe('a private key that others can replace is refused in production', () => {
  const pairIn = (folder: string) => ({ key: `${folder}/aws.key`, cert: 'aws.crt' });
  const inFolder = (folder: string, mode: number) => {
    mkdirSync(workplace.path(folder), { recursive: true });
    workplace.write(`${folder}/aws.key`, read('aws.key'), 0o600);
    chmodSync(workplace.path(folder), mode);
  };
  const problems = (folder: string, file = pairIn(folder)) =>
    problemsOf(workplace, change(goodProduction(), 'aws.signing', file));

  test.each(['700', '755', '750', '1777', '3777'])('a folder of mode %s is accepted', async (mode) => {
    inFolder(`folder-${mode}`, Number.parseInt(mode, 8));
    expect(await problems(`folder-${mode}`)).toEqual([]);
  });

  test.each(['777', '775', '722', '770'])('a folder of mode %s is refused', async (mode) => {
    inFolder(`folder-${mode}`, Number.parseInt(mode, 8));
    const folder = workplace.path(`folder-${mode}`);
    expect(await problems(`folder-${mode}`)).toEqual([
      `aws.signing.key: ${folder}/aws.key can be replaced by others: its group or others can write to ${folder}`,
    ]);
    const raw = { ...change(goodProduction(), 'aws.signing', pairIn(`folder-${mode}`)), mode: 'development' };
    expect((await load(workplace, raw)).warnings).toEqual([expect.stringContaining('can be replaced by others')]);
  });

  test('a folder further up is refused as well', async () => {
    inFolder('open/deep', 0o700);
    chmodSync(workplace.path('open'), 0o777);
    expect(await problems('open/deep')).toEqual([expect.stringContaining(`write to ${workplace.path('open')}`)]);
  });

  test('a secret volume of Kubernetes is accepted, with fsGroup and links of root', async () => {
    inFolder('volume/..2026_11_30', 0o755);
    chmodSync(workplace.path('volume/..2026_11_30/aws.key'), 0o440);
    chmodSync(workplace.path('volume'), 0o3777);
    symlinkSync('..2026_11_30', workplace.path('volume/..data'));
    symlinkSync('..data/aws.key', workplace.path('volume/aws.key'));
    expect(await problems('volume')).toEqual([]);
    // Its twin: the link leads to a folder that others can write to.
    chmodSync(workplace.path('volume/..2026_11_30'), 0o777);
    expect(await problems('volume')).toEqual([expect.stringContaining('..2026_11_30')]);
  });

  test('links that lead in a circle are refused', async () => {
    symlinkSync('circle', workplace.path('circle'));
    expect(replaceableFiles([{ path: 'x', file: workplace.path('circle'), kind: 'public' }])).toEqual([
      expect.stringContaining('too many symbolic links'),
    ]);
  });

  test("another user's file, and another user's folder, are refused", () => {
    inFolder('owned', 0o755);
    const file = { path: 'aws.signing.key', file: workplace.path('owned/aws.key'), kind: 'private key' } as const;
    const { uid } = statSync(file.file);
    expect(replaceableFiles([file], uid)).toEqual([]);
    // Root's files are trusted by every user, another user's are not.
    if (uid === 0) {
      chownSync(file.file, 4711, 4711);
      expect(replaceableFiles([file], 0)).toEqual([expect.stringContaining('belongs to user 4711')]);
      expect(replaceableFiles([file], 4711)).toEqual([]);
      chownSync(workplace.path('owned'), 4712, 4712);
      expect(replaceableFiles([file], 4711)).toEqual([expect.stringContaining('belongs to user 4712')]);
    } else {
      expect(replaceableFiles([file], uid + 1)).toEqual([expect.stringContaining(`belongs to user ${uid}`)]);
    }
  });
});

describe('a key pair', () => {
  test('that is not one is refused', async () => {
    expect(await problemsWith('aws.key', 'sp.crt')).toContain('aws.signing.cert: is not the certificate of aws.key');
  });

  test.each([
    ['absent', undefined, 'aws.signing.key: cannot read bad.key (ENOENT)'],
    ['empty', '', 'aws.signing.key: is not an unencrypted PEM private key'],
    ['a certificate', 'crt', 'aws.signing.key: is not an unencrypted PEM private key'],
    ['encrypted', 'encrypted', 'aws.signing.key: is not an unencrypted PEM private key'],
  ])('whose key is %s is refused', async (_, content, expected) => {
    if (content !== undefined) workplace.write('bad.key', contentOf(content));
    expect(await problemsWith('bad.key', 'aws.crt')).toEqual([expected]);
  });

  test('whose certificate is absent, or no certificate, is refused', async () => {
    expect(await problemsWith('aws.key', 'absent.crt')).toEqual(['aws.signing.cert: cannot read absent.crt (ENOENT)']);
    workplace.write('bad.crt', read('aws.key'));
    expect(await problemsWith('aws.key', 'bad.crt')).toEqual(['aws.signing.cert: bad.crt is not a PEM certificate']);
  });

  test('that is weak is refused', async () => {
    workplace.writePair('weak', await makeKeyPair('broker.example weak', { bits: 1024 }));
    expect(await problemsWith('weak.key', 'weak.crt')).toEqual([
      'aws.signing.cert: its RSA key has 1024 bits, at least 2048 are needed',
    ]);
  });

  test('on an elliptic curve cannot sign for IAM, but may end TLS', async () => {
    workplace.writePair('ec', await makeEcKeyPair('broker.example'));
    expect(await problemsWith('ec.key', 'ec.crt')).toEqual(['aws.signing.cert: its key type is ec, not rsa']);
    expect(
      await problemsOf(workplace, change(goodProduction(), 'listen.tls', { key: 'ec.key', cert: 'ec.crt' })),
    ).toEqual([]);
  });

  test('never shows its key in a message', async () => {
    const body = read('aws.key').split('\n')[1]!;
    const problems = [...(await problemsWith('aws.key', 'sp.crt')), ...(await problemsWith('bad.key', 'bad.crt'))];
    expect(problems.join('\n')).not.toContain(body);
  });

  function contentOf(kind: string): string {
    if (kind === 'crt') return read('aws.crt');
    if (kind !== 'encrypted') return kind;
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    return createPrivateKey(keyPair('stranger').key).export(cipher).toString();
  }
});

describe('a key in AWS KMS', () => {
  const kms = { keyId: 'alias/minting', region: 'eu-central-1' };
  const problemsOfSigning = (signing: object) =>
    problemsOf(workplace, change(goodProduction(), 'aws.signing', signing));

  test('needs only its certificate, and nothing is asked when the configuration is read', async () => {
    expect(await problemsOfSigning({ kms, cert: 'aws.crt' })).toEqual([]);
    const endpoint = 'https://vpce-1.kms.eu-central-1.vpce.amazonaws.com';
    expect(await problemsOfSigning({ kms: { ...kms, endpoint }, cert: 'aws.crt' })).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ['beside a file', { kms, key: 'aws.key', cert: 'aws.crt' }, /^aws\.signing\.key: give either key, a file, or kms$/],
    ['absent as the file is', { cert: 'aws.crt' }, /^aws\.signing\.key: give either key, a file, or kms$/],
    ['without a name', { kms: { keyId: '' }, cert: 'aws.crt' }, /^aws\.signing\.kms\.keyId: is neither the id/],
    ['without its certificate', { kms, cert: 'absent.crt' }, /^aws\.signing\.cert: cannot read absent\.crt/],
    [
      'elsewhere',
      { kms: { ...kms, endpoint: 'https://kms.example' }, cert: 'aws.crt' },
      /kms\.endpoint: is not https on an AWS/,
    ],
    [
      'with the certificate of the service provider',
      { kms, cert: 'sp.crt' },
      /^aws\.signing: the minting key opens every role/,
    ],
  ])('is refused %s', async (_name, signing, text) => {
    expect(await problemsOfSigning(signing)).toEqual([expect.stringMatching(text)]);
  });
});
