// Commands of docs/runbook.md that go to AWS itself, with the real AWS CLI: BreakGlass, and another certificate.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../emulators/aws/server.ts';
import { totpCode } from '../../emulators/aws/sts/mfa.ts';
import { brokerMetadataXml } from '../../src/aws/broker-metadata.ts';
import { base64FromPem } from '../../src/saml/metadata/certificate.ts';
import { runAwsCli } from '../support/aws-cli.ts';
import { type KeyName, keyPair } from '../support/key-pairs.ts';

const seed = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const keys = { accessKeyId: 'AKIAEXAMPLEGLASSUSER', secretAccessKey: 'secret-from-the-safe' };
const roleArn = 'arn:aws:iam::111122223333:role/BreakGlass';
const userArn = 'arn:aws:iam::999900001111:user/break-glass-1';
const serialNumber = 'arn:aws:iam::999900001111:mfa/break-glass-1';
const withFactor = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
const allow = (rest: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Condition: withFactor, ...rest }],
});
const adminKeys = { accessKeyId: 'AKIAEXAMPLEADMIN0000', secretAccessKey: 'secret-of-the-administrator' };
let aws: AwsEmulator;

beforeAll(async () => {
  const mfaDevices = [{ serialNumber, seed }];
  const user = { name: 'break-glass-1', ...keys, mfaDevices, policies: [allow({ Resource: roleArn })] };
  const role = { name: 'BreakGlass', trustPolicy: allow({ Principal: { AWS: userArn } }) };
  const admin = { name: 'admin', ...adminKeys, policies: [allowing('iam:*SAMLProvider')] };
  aws = await startAws({
    now: () => new Date(),
    estate: {
      accounts: [
        { id: '999900001111', name: 'Security', roles: [], users: [user] },
        {
          id: '111122223333',
          name: 'Payments',
          roles: [role],
          users: [admin],
          samlProviders: { rolegate: metadata('minting') },
        },
      ],
    },
  });
});
afterAll(() => aws?.close());

const allowing = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
/** What `rolegate-server metadata aws` writes with this key. */
const metadata = (name: KeyName) =>
  brokerMetadataXml({
    issuer: 'https://aws.corp.example/aws/saml-metadata.xml',
    signInUrl: 'https://aws.corp.example/login',
    certificates: [base64FromPem(keyPair(name).cert)],
  });

/** As it is in the runbook, for another code and on another day. */
function command(code: string): string[] {
  const page = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const [text] = /^aws sts assume-role [^`]*role\/BreakGlass[^`]*/m.exec(page)!;
  const words = text.replace('"$USER-$(date +%Y%m%d)"', 'alice-20261130').replace('123456', code);
  return words.replaceAll('\\\n', ' ').trim().split(/\s+/).slice(1);
}

test('with a code of the device it gives credentials for an hour, and without one it is denied', async () => {
  const env = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL_STS: aws.url,
    AWS_DEFAULT_REGION: 'eu-west-1',
  };
  const words = command(totpCode(seed, new Date()));
  const opened = await runAwsCli([...words, '--output', 'json'], env);
  expect(opened.stderr).toBe('');
  const { Credentials, AssumedRoleUser } = JSON.parse(opened.stdout);
  expect(AssumedRoleUser.Arn).toBe('arn:aws:sts::111122223333:assumed-role/BreakGlass/alice-20261130');
  expect(Math.round((Date.parse(Credentials.Expiration) - Date.now()) / 60_000)).toBe(60);
  const first = words.indexOf('--serial-number');
  const withoutCode = await runAwsCli([...words.slice(0, first), ...words.slice(first + 4)], env);
  expect([withoutCode.code === 0, withoutCode.stderr]).toEqual([false, expect.stringContaining('AccessDenied')]);
});

test('an account gets the document with the new certificate, and takes nothing else', async () => {
  const page = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const [text] = /iam update-saml-provider[^`]*?rolegate-aws\.xml/.exec(page)!;
  const words = text.replace('$account', '111122223333').replaceAll('"', '').replaceAll('\\\n', ' ').split(/\s+/);
  const env = {
    AWS_ACCESS_KEY_ID: adminKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: adminKeys.secretAccessKey,
    AWS_ENDPOINT_URL_IAM: aws.url,
    AWS_DEFAULT_REGION: 'us-east-1',
  };
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-metadata-'));
  const update = async (document: string) => {
    const file = join(folder, 'rolegate-aws.xml');
    writeFileSync(file, document);
    return runAwsCli(
      words.map((word) => word.replace('rolegate-aws.xml', file)),
      env,
    );
  };
  const read = async () => {
    const arn = words[words.indexOf('--saml-provider-arn') + 1]!;
    const answer = await runAwsCli(['iam', 'get-saml-provider', '--saml-provider-arn', arn, '--output', 'json'], env);
    return JSON.parse(answer.stdout).SAMLMetadataDocument as string;
  };
  try {
    const updated = metadata('minting-next');
    expect(await update(updated)).toMatchObject({ code: 0, stderr: '' });
    expect(await read()).toBe(updated);
    const refused = await update(updated.replaceAll('md:IDPSSODescriptor', 'md:SPSSODescriptor'));
    expect(refused.stderr).toContain('InvalidInput');
    expect(await read()).toBe(updated);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
