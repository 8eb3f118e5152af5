// A request to mint, and the content of the result, read by an independent parser.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import type { MintingKey, MintRequest } from '../../../src/aws/mint-assertion.ts';
import { partitions } from '../../../src/aws/partitions.ts';
import { createFileSigner } from '../../../src/signer.ts';
import type { KeyPair } from '../../support/key-pairs.ts';

export const now = new Date('2026-03-02T09:00:00.000Z');
export const account = '111122223333';
export const issuer = 'https://rolegate.example.com/aws/saml-metadata.xml';
export const roleArn = `arn:aws:iam::${account}:role/Developer`;
export const principalArn = `arn:aws:iam::${account}:saml-provider/rolegate`;
const aws = partitions['aws']!;
export const recipient = 'https://signin.aws.amazon.com/saml';

export function mintRequest(overrides: Partial<MintRequest> = {}): MintRequest {
  return {
    issuer,
    partition: aws,
    recipient,
    responseId: '_response',
    assertionId: '_assertion',
    issuedAt: now,
    authenticatedAt: new Date(now.getTime() - 3_600_000),
    subject: 'c2Vzc2lvbi1zdWJqZWN0',
    roleArn,
    principalArn,
    roleSessionName: 'alice@example.com',
    sourceIdentity: 'alice@example.com',
    ...overrides,
  };
}

export function mintingKey(pair: KeyPair): MintingKey {
  return { signer: createFileSigner(createPrivateKey(pair.key)), certificate: certificateOf(pair) };
}

/** Base64 DER. */
export function certificateOf(pair: KeyPair): string {
  return new X509Certificate(pair.cert).raw.toString('base64');
}

/** A parsed document; whatever xmldom would only warn about is an error. */
export function parse(xml: string): Document {
  const errorHandler = (level: string, message: string) => {
    throw new Error(`${level}: ${message}`);
  };
  return new DOMParser({ errorHandler }).parseFromString(xml, 'text/xml') as unknown as Document;
}

/** The elements of this local name. */
export function all(node: Document | Element, name: string): Element[] {
  return Array.from(node.getElementsByTagNameNS('*', name));
}

/** The text of the only element of this name. */
export function textOf(node: Document | Element, name: string): string {
  const found = all(node, name);
  if (found.length !== 1) throw new Error(`${found.length} elements ${name}`);
  return found[0]?.textContent ?? '';
}

/** Values by the part of the attribute's Name behind the prefix of the partition. */
export function attributesOf(document: Document, prefix = aws.attributePrefix): Record<string, string[]> {
  return Object.fromEntries(
    all(document, 'Attribute').map((attribute) => {
      const name = attribute.getAttribute('Name') ?? '';
      if (!name.startsWith(prefix)) throw new Error(`attribute ${name}`);
      return [name.slice(prefix.length), all(attribute, 'AttributeValue').map((value) => value.textContent ?? '')];
    }),
  );
}
