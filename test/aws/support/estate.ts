// An emulated AWS that trusts a broker: its metadata is the one that the product writes.
import { type AwsEmulator, startAws } from '../../../emulators/aws/server.ts';
import { brokerMetadataXml } from '../../../src/aws/broker-metadata.ts';
import { mintResponse } from '../../../src/aws/mint-assertion.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import { account, certificateOf, issuer, mintingKey, mintRequest, now, principalArn, recipient } from './minting.ts';

function metadataOf(...pairs: readonly KeyPair[]): string {
  const signInUrl = 'https://rolegate.example.com/login';
  return brokerMetadataXml({ issuer, signInUrl, certificates: pairs.map(certificateOf) });
}

/** One account with one provider, a role for an hour and one for twelve. */
export function startTrustingAws(pair: KeyPair, clock: () => Date = () => now): Promise<AwsEmulator> {
  const trustPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: principalArn },
        Action: ['sts:AssumeRoleWithSAML', 'sts:SetSourceIdentity'],
        Condition: { StringEquals: { 'SAML:aud': recipient, 'SAML:iss': issuer, 'SAML:sub_type': 'persistent' } },
      },
    ],
  };
  const roles = [
    { name: 'Developer', trustPolicy },
    { name: 'Long', maxSessionDuration: 43_200, trustPolicy },
  ];
  const accounts = [
    {
      id: account,
      name: 'Payments',
      samlProviders: { rolegate: metadataOf(pair) },
      roles,
      disabledStsRegions: ['eu-south-1'],
    },
  ];
  return startAws({ now: clock, estate: { accounts } });
}

/** A call with an assertion that this AWS accepts. */
export async function stsCall(pair: KeyPair, overrides: Partial<Parameters<typeof mintRequest>[0]> = {}) {
  const request = mintRequest(overrides);
  return {
    region: 'eu-west-1',
    roleArn: request.roleArn,
    principalArn: request.principalArn,
    samlAssertion: Buffer.from(await mintResponse(request, mintingKey(pair)), 'utf8').toString('base64'),
    durationSeconds: 3600,
    policy: undefined as string | undefined,
  };
}
