// The section `audit`: sinks, and the key that signs chains.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { change, createWorkplace, goodProduction, load, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  const pem = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) =>
    String((key as unknown as { export(of: object): string }).export({ type: 'pkcs8', format: 'pem' }));
  workplace.write('audit.key', pem(generateKeyPairSync('ed25519').privateKey));
  workplace.write('rsa.key', pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey));
  workplace.write('short.key', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey));
  workplace.write('ec.key', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey));
  workplace.write('open.key', pem(generateKeyPairSync('ed25519').privateKey), 0o644);
});
afterAll(() => workplace.remove());

const withAudit = (audit: unknown) => change(goodProduction(), 'audit', audit);
const file = { type: 'file', path: 'audit.jsonl' };

test('one sink may be written without a list', async () => {
  const { audit } = await load(workplace, withAudit(file));
  expect(audit.sinks).toEqual([{ ...file, path: workplace.path('audit.jsonl'), mode: 'required', buffer: 10_000 }]);
});

test('several sinks, each with its mode', async () => {
  const sinks = [
    file,
    { type: 'syslog', host: 'logs.example', mode: 'buffered', buffer: 500 },
    { type: 'http', url: 'https://logs.example/audit', authorization: 'Bearer x', mode: 'buffered' },
    { type: 'cloudwatch', group: '/rolegate/audit', mode: 'buffered' },
  ];
  const { audit } = await load(workplace, withAudit({ sinks }));
  expect(audit.sinks.map(({ type, mode }) => [type, mode])).toEqual([
    ['file', 'required'],
    ['syslog', 'buffered'],
    ['http', 'buffered'],
    ['cloudwatch', 'buffered'],
  ]);
  expect(audit.sinks[1]).toMatchObject({ port: 6514, tls: true, buffer: 500 });
});

test.each(['audit.key', 'rsa.key'])('%s signs chains, every minute or 1,000 records by default', async (key) => {
  const { audit } = await load(workplace, withAudit({ ...file, signing: { key } }));
  expect(audit.signing).toMatchObject({ everyMs: 60_000, everyRecords: 1000 });
});

describe('refused', () => {
  const syslog = { type: 'syslog', host: 'logs.example' };
  const rows: [name: string, audit: unknown, problem: RegExp][] = [
    ['buffered sinks alone', { sinks: [{ ...file, mode: 'buffered' }] }, /^audit\.sinks: needs at least one/],
    ['a list beside a type', { type: 'stdout', sinks: [file] }, /^audit\.sinks: excludes type and path/],
    ['a path without a file', { type: 'stdout', path: 'x' }, /^audit\.path: is for type: file/],
    ['no sink', { sinks: [] }, /^audit\.sinks: /],
    ['plain syslog to another host', { sinks: [{ ...syslog, tls: false }] }, /^audit\.sinks\[0\]\.tls: must be true/],
    [
      'a CA without TLS',
      { sinks: [{ ...syslog, host: '127.0.0.1', tls: false, ca: 'sp.crt' }] },
      /count with TLS only/,
    ],
    ['a certificate without its key', { sinks: [{ ...syslog, cert: 'sp.crt' }] }, /give both cert and key/],
    [
      'plain HTTP',
      { sinks: [{ type: 'http', url: 'http://logs.example/' }] },
      /^audit\.sinks\[0\]\.url: must be https/,
    ],
    ['a key of 1024 bits', { ...file, signing: { key: 'short.key' } }, /must be Ed25519, or RSA of 2048 bits/],
    ['an EC key', { ...file, signing: { key: 'ec.key' } }, /must be Ed25519, or RSA of 2048 bits/],
    ['a key that others may read', { ...file, signing: { key: 'open.key' } }, /has mode 0644/],
    ['the minting key', { ...file, signing: { key: 'aws.key' } }, /^aws\.signing: the minting key/],
  ];
  test.each(rows)('%s', async (_, audit, problem) => {
    expect(await problemsOf(workplace, withAudit(audit))).toEqual([expect.stringMatching(problem)]);
  });

  test('not: plain syslog and HTTP to the same host', async () => {
    const sinks = [file, { ...syslog, host: '127.0.0.1', tls: false }, { type: 'http', url: 'http://[::1]:8000/' }];
    expect((await load(workplace, withAudit({ sinks }))).audit.sinks).toHaveLength(3);
  });
});
