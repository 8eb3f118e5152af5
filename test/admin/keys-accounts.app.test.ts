// `rolegate-server keys status --accounts` and `keys rotate aws` against the emulator's IAM, through a role in each account.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { EmulatedAccount } from '../../emulators/aws/server.ts';
import { addKeys } from '../../src/admin/commands/keys.ts';
import { brokerMetadataXml } from '../../src/aws/broker-metadata.ts';
import { base64FromPem } from '../../src/saml/metadata/certificate.ts';
import type { TestDemo } from '../app/support/demo.ts';
import { brokerKeys, deployedAccount, estateOf, startProvisioned } from '../provisioning/support/provisioned.ts';
import { keyPair } from '../support/key-pairs.ts';
import { runCommand } from './support.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-keys-accounts-'));
let demo: TestDemo;
let account: EmulatedAccount;
beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', brokerKeys.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', brokerKeys.secretAccessKey);
  demo = await startProvisioned(directory);
  account = deployedAccount(demo);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await demo?.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => demo.aws.setEstate(estateOf(account)));

const next = keyPair('stranger').cert;
/** As after the first step of `keys rotate aws`. */
const rotating = () => ({ ...demo.config, aws: { ...demo.config.aws, nextSigningCertificate: next } });
const run = (words: readonly string[], config = demo.config) =>
  runCommand(addKeys, ['keys', ...words, '--assume', 'Auditor'], async () => config);
const upload = (...certificates: string[]) => {
  const { issuer } = demo.config.aws;
  const document = { issuer, signInUrl: 'https://broker.example/login', certificates: certificates.map(base64FromPem) };
  const samlProviders = { ...account.samlProviders, rolegate: brokerMetadataXml(document) };
  demo.aws.setEstate(estateOf({ ...account, samlProviders }));
};
const lineOf = (text: string) => text.split('\n').find((line) => line.startsWith('payments-dev: '));

test('shows for each account what IAM trusts, at each step of a rotation', async () => {
  const own = demo.config.aws.signing.certificate;
  const shown = async (config = demo.config) => {
    const { stdout, hasFailed } = await run(['status', '--accounts'], config);
    return { line: lineOf(stdout), hasFailed };
  };
  expect((await shown()).line).toBe('payments-dev: trusts the certificate in use');
  expect((await shown(rotating())).line).toMatch(/trusts only the certificate in use: upload the metadata with both/);
  upload(own, next);
  expect((await shown(rotating())).line).toMatch(/trusts the certificate in use and the next certificate$/);
  upload(next);
  expect(await shown(rotating())).toEqual({
    line: expect.stringContaining('LOCKED OUT: trusts only the next certificate'),
    hasFailed: true,
  });
  upload(keyPair('idp-signing').cert);
  expect(await shown()).toEqual({
    line: expect.stringContaining('LOCKED OUT: trusts no certificate of this broker'),
    hasFailed: true,
  });
});

test('an account that refuses the role is named with the reason, and ends the command with 1', async () => {
  const { stdout, hasFailed } = await runCommand(
    addKeys,
    ['keys', 'status', '--accounts', '--assume', 'Missing'],
    async () => demo.config,
  );
  expect(lineOf(stdout)).toMatch(/could not be read: .*not authorized to perform: sts:AssumeRole/);
  expect(hasFailed).toBe(true);
});
