// `audit verify` and `audit search` as they are typed, over the file that a command of an operator wrote.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAudit } from '../../src/admin/commands/audit.ts';
import { addKeys } from '../../src/admin/commands/keys.ts';
import { createWorkplace, goodProduction, load, type Workplace } from '../config/support/workplace.ts';
import { runCommand } from './support.ts';

let workplace: Workplace;
let file: string;
beforeAll(async () => {
  workplace = await createWorkplace();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  workplace.write('audit.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  workplace.write('audit.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  file = workplace.path('audit.jsonl');
  const audit = { type: 'file', path: 'audit.jsonl', signing: { key: 'audit.key' } };
  const config = () => load(workplace, { ...goodProduction(), audit, mode: 'development', store: { type: 'memory' } });
  await runCommand(addKeys, ['keys', 'rotate', 'aws'], config);
});
afterAll(() => workplace.remove());

const audit = (...args: readonly string[]) =>
  runCommand(addAudit, ['audit', ...args], () => Promise.reject(new Error('needs no configuration')));

describe('audit verify', () => {
  test('takes the record of the operator, its signatures and the end of the chain', async () => {
    const events = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({
      event: 'key_rotated',
      key: 'aws',
      step: 'made',
      by: expect.stringContaining('@'),
    });
    const { stdout, hasFailed } = await audit('verify', '--key', workplace.path('audit.pub'), file);
    expect(stdout).toMatch(/^chain \S+: 4 records, ends with \S+, signed up to 3, closed\nok\n$/);
    expect(hasFailed).toBe(false);
  });

  test('fails with a changed record, and names it', async () => {
    const changed = workplace.path('changed.jsonl');
    writeFileSync(changed, readFileSync(file, 'utf8').replace('"step":"made"', '"step":"swapped"'));
    const { stdout, hasFailed } = await audit('verify', '--key', workplace.path('audit.pub'), changed);
    expect(stdout).toContain(`${changed}:2: record 1 was changed, or record 2 does not belong here`);
    expect(stdout).toContain(`${changed}:1: record 1 is not what the signature at ${changed}:2 names`);
    expect(hasFailed).toBe(true);
  });

  test('refuses a key that is not a public key', async () => {
    await expect(audit('verify', '--key', file, file)).rejects.toThrow(/is not a PEM public key or certificate/);
  });
});

describe('audit search', () => {
  test('prints one line for each record, or the records themselves', async () => {
    const { stdout } = await audit('search', file);
    expect(stdout.trimEnd().split('\n')).toHaveLength(4);
    expect(stdout).toMatch(/^\S+Z {2}key_rotated {2}by="[^"]+@[^"]+" {2}key="aws" {2}step="made" {2}certificate="/);
    expect((await audit('search', '--json', file)).stdout).toBe(readFileSync(file, 'utf8'));
  });

  test('fails if there is none', async () => {
    const { stdout, stderr, hasFailed } = await audit('search', '--user', 'alice', file);
    expect({ stdout, stderr, hasFailed }).toEqual({ stdout: '', stderr: 'no records found\n', hasFailed: true });
  });

  test('refuses a time that it cannot read', async () => {
    await expect(audit('search', '--from', 'yesterday', file)).rejects.toThrow(/is not a time such as/);
  });
});
