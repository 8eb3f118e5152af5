// What the SDK does for a call without a signature: a version that renames its parts would silently do more.
import { expect, test } from 'vitest';
import { createStsClients } from '../../src/aws/sts-client.ts';
import { stsOptions } from './support/sts-options.ts';

const clients = createStsClients(stsOptions(() => 'https://sts.eu-west-1.amazonaws.com'));
const partsOf = (client: ReturnType<typeof clients>) =>
  client.middlewareStack.identify().map((name) => name.split(' ')[0]);

test('an unsigned call has neither signature nor telemetry, and keeps its second attempt', () => {
  expect(partsOf(clients('eu-west-1', undefined)).sort()).toEqual([
    'contentLengthMiddleware',
    'deserializerMiddleware',
    'fixedUserAgent',
    'retryMiddleware',
    'serializerMiddleware',
  ]);
});

test('a signed call has all that the SDK brings', () => {
  const signed = partsOf(clients('eu-west-1', async () => ({ accessKeyId: 'AKIA', secretAccessKey: 's' })));
  expect(signed).toEqual(
    expect.arrayContaining(['httpSigningMiddleware', 'getUserAgentMiddleware', 'retryMiddleware']),
  );
});

test('a client is made once for each region and signer', () => {
  const signer = async () => ({ accessKeyId: 'AKIA', secretAccessKey: 's' });
  expect(clients('eu-west-1', signer)).toBe(clients('eu-west-1', signer));
  expect(clients('eu-west-1', undefined)).toBe(clients('eu-west-1', undefined));
  expect(clients('eu-west-1', undefined)).not.toBe(clients('eu-west-2', undefined));
  expect(clients('eu-west-1', signer)).not.toBe(clients('eu-west-1', undefined));
});
