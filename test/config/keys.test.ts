import { createPrivateKey } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../emulators/keys.ts';
import { keyPair } from '../support/key-pairs.ts';
import { makeEcKeyPair } from './support/ec-key-pair.ts';
import { change, createWorkplace, goodProduction, problemsOf, type Workplace } from './support/workplace.ts';

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
      `aws.signing.key: mode.key has mode 0${mode}; take away what others may, and the group's writing (chmod 0600)`,
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
