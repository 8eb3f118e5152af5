// AWS KMS with the SDK that applications use, and its signatures with Node's own verification.
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand, type SignCommandInput } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const keys = (name: string) => ({ accessKeyId: `AKIAEXAMPLE${name}`, secretAccessKey: `secret of ${name}` });
const [signing, off, ending] = [1, 2, 3].map((digit) => `1234abcd-12ab-34cd-56ef-12345678900${digit}`);
const arn = `arn:aws:kms:us-east-1:111122223333:key/${signing}`;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const user = (name: string, actions: string[], resource: string) => ({
  ...{ name, ...keys(name) },
  policies: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: resource }] }],
});

let aws: AwsEmulator;
beforeAll(async () => {
  const users = [
    user('SIGNER', ['kms:*'], 'arn:aws:kms:*:111122223333:key/*'),
    user('READER', ['kms:GetPublicKey'], arn),
  ];
  const kmsKeys = [
    { keyId: signing!, alias: 'minting', privateKey: pem },
    { keyId: off!, privateKey: pem, state: 'Disabled' as const },
    { keyId: ending!, privateKey: pem, state: 'PendingDeletion' as const },
  ];
  aws = await startAws({
    now: () => now,
    estate: { accounts: [{ id: '111122223333', name: 'Keys', roles: [], users, kmsKeys }] },
  });
});
afterAll(() => aws.close());

const client = (name: string, secretAccessKey = keys(name).secretAccessKey) =>
  new KMSClient({
    ...{ region: 'us-east-1', endpoint: aws.url, maxAttempts: 1, systemClockOffset: now.getTime() - Date.now() },
    credentials: { accessKeyId: keys(name).accessKeyId, secretAccessKey },
  });
const message = Buffer.from('what is signed');
const sign = (change: Partial<SignCommandInput> = {}, from = client('SIGNER')) =>
  from.send(
    new SignCommand({ KeyId: signing, Message: message, SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256', ...change }),
  );
const digest = createHash('sha256').update(message).digest();

describe('Sign', () => {
  test.each([
    ['the id and the message', {}],
    ['the ARN and the digest', { KeyId: arn, Message: digest, MessageType: 'DIGEST' as const }],
    ['the alias', { KeyId: 'alias/minting' }],
  ])('by %s gives an RSASSA-PKCS1-v1_5 signature with SHA-256', async (_name, change) => {
    const { Signature, KeyId } = await sign(change);
    expect(verify('sha256', message, publicKey, Signature!)).toBe(true);
    expect(verify('sha256', Buffer.from('another'), publicKey, Signature!)).toBe(false);
    expect(KeyId).toBe(arn);
  });

  test.each([
    ['an unknown key', { KeyId: '1234abcd-12ab-34cd-56ef-123456789009' }, 'NotFoundException'],
    ['an unknown alias', { KeyId: 'alias/other' }, 'NotFoundException'],
    ['a disabled key', { KeyId: off }, 'DisabledException'],
    ['a key that is to be deleted', { KeyId: ending }, 'KMSInvalidStateException'],
    ['an algorithm of elliptic curves', { SigningAlgorithm: 'ECDSA_SHA_256' as const }, 'InvalidKeyUsageException'],
    [
      'a digest that is too short',
      { Message: digest.subarray(1), MessageType: 'DIGEST' as const },
      'ValidationException',
    ],
    ['a message that is too long', { Message: Buffer.alloc(4097) }, 'ValidationException'],
  ])('refuses %s', async (_name, change, name) => {
    await expect(sign(change)).rejects.toMatchObject({ name });
  });

  test('is for who may, with the right secret, and in the events', async () => {
    await expect(sign({}, client('READER'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(sign({}, client('SIGNER', 'wrong'))).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    await expect(sign({}, client('NOBODY'))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    const events = aws.events.filter(({ eventSource }) => eventSource === 'kms.amazonaws.com');
    expect(events.slice(-3).map(({ errorCode }) => errorCode)).toContain('AccessDeniedException');
  });
});

test('GetPublicKey gives the key that verifies', async () => {
  const { PublicKey, KeySpec, KeyUsage } = await client('READER').send(new GetPublicKeyCommand({ KeyId: arn }));
  const there = createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  expect(there.equals(publicKey)).toBe(true);
  expect({ KeySpec, KeyUsage }).toEqual({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
});
