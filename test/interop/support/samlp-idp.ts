// An identity provider made of the npm package samlp: its own templates, its own (old) copy of xml-crypto. There is no
// login page; every user is alice.
import { createPublicKey } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import * as samlp from 'samlp';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { claims } from './broker.ts';

const issuer = 'urn:samlp.example';
const ssoPath = '/samlp';
const metadataPath = '/FederationMetadata/2007-06/FederationMetadata.xml';

/** How the next answers are made. */
export interface SamlpAnswer {
  readonly acsUrl: string;
  readonly signAssertion: boolean;
  readonly signResponse: boolean;
  readonly signatureAlgorithm?: 'rsa-sha256' | 'rsa-sha1';
  readonly digestAlgorithm?: 'sha256' | 'sha1';
  /** PEM and the cipher's URI. */
  readonly encryption?: { readonly certificate: string; readonly cipher: string };
}

export interface SamlpIdp {
  readonly metadata: string;
  answer(next: SamlpAnswer): void;
  close(): Promise<void>;
}

const alice = {
  [claims.upn]: 'alice@corp.example',
  [claims.name]: 'Alice & Ålice 日本',
  [claims.group]: ['CORP\\Domain Users', 'CORP\\AWS-Payments-Dev'],
};

// samlp.metadata() reads the prototype, so that a plain arrow function will not do.
function profileMapper() {
  return {
    getClaims: () => alice,
    getNameIdentifier: () => ({
      nameIdentifier: alice[claims.upn],
      nameIdentifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    }),
  };
}
profileMapper.prototype.metadata = [];

export async function startSamlpIdp(): Promise<SamlpIdp> {
  const pair = keyPair('idp-signing');
  let next: SamlpAnswer | undefined;
  const app = express();
  app.get(ssoPath, (request, response, done) => {
    if (next === undefined) throw new Error('call answerNext first');
    authentication(pair, next)(request, response, done);
  });
  app.get(
    metadataPath,
    samlp.metadata({
      issuer,
      cert: pair.cert,
      profileMapper,
      redirectEndpointPath: ssoPath,
      postEndpointPath: ssoPath,
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    metadata: await (await fetch(`http://127.0.0.1:${port}${metadataPath}`)).text(),
    answer: (given) => {
      next = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function authentication({ cert, key }: KeyPair, { acsUrl, encryption, ...signing }: SamlpAnswer) {
  return samlp.auth({
    issuer,
    cert,
    key,
    ...signing,
    recipient: acsUrl,
    destination: acsUrl,
    lifetimeInSeconds: 300,
    profileMapper,
    getUserFromRequest: () => alice,
    getPostURL: (_audience, _request, _httpRequest, done) => done(null, acsUrl),
    ...(encryption && {
      encryptionCert: encryption.certificate,
      encryptionPublicKey: createPublicKey(encryption.certificate).export({ type: 'spki', format: 'pem' }).toString(),
      encryptionAlgorithm: encryption.cipher,
      // It would rather not use CBC.
      disallowEncryptionWithInsecureAlgorithm: false,
      warnOnInsecureEncryptionAlgorithm: false,
    }),
  });
}
