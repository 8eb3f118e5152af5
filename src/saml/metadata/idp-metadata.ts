// Reads an identity provider's metadata: entityID, endpoints, one signing key per KeyDescriptor. AD FS publishes
// WS-Federation roles and an SP role beside the IdP role, and puts the encryption certificate first: both are ignored.
import { samlRefusal } from '../../errors.ts';
import { readDuration, readInstant } from '../instant.ts';
import { bindings, ns } from '../names.ts';
import { metadataLimits, readXml } from '../xml/xml-reader.ts';
import { attributeOf, childrenOf, onlyChild, walk, type XmlElement } from '../xml/xml-tree.ts';
import { weakness } from './certificate.ts';
import { descriptorKey } from './descriptor-key.ts';

export interface IdpMetadata {
  readonly entityId: string;
  readonly ssoRedirectUrl: string;
  readonly sloRedirectUrl: string | undefined;
  /** Where our LogoutResponse goes; the same address unless the metadata has a ResponseLocation (Metadata §2.2.2). */
  readonly sloResponseUrl: string | undefined;
  /** PEM, one per KeyDescriptor, in the order of the document. Every one of them may sign: that is how rollover works. */
  readonly signingCertificates: readonly string[];
  /** The earliest on the way from the root to the role: after it nothing in the document counts (Metadata §2.3.1). */
  readonly validUntil: Date | undefined;
  /** How long a copy may be used before it is fetched anew. */
  readonly cacheDurationMs: number | undefined;
}

export const maxMetadataBytes = 2 * 1024 * 1024;

/** The document unverified: accept-metadata.ts decides whether it may be believed. @param entityId picks the entity where the document holds several. @throws BrokerError saml_refused `malformed` */
export function readIdpMetadata(xml: string, entityId?: string): IdpMetadata {
  if (Buffer.byteLength(xml) > maxMetadataBytes) throw samlRefusal('too_large', 'metadata above 2 MiB');
  const root = readXml(xml.replace(/^\ufeff/, ''), metadataLimits);
  const { entity, role } = pickEntity(root, entityId);
  const signingCertificates = readSigningCertificates(role);
  if (signingCertificates.length === 0) malformed('no signing certificate');
  return {
    entityId: attributeOf(entity, 'entityID')!,
    ssoRedirectUrl: endpoint(role, 'SingleSignOnService') ?? malformed('no SingleSignOnService with HTTP-Redirect'),
    sloRedirectUrl: endpoint(role, 'SingleLogoutService'),
    sloResponseUrl: endpoint(role, 'SingleLogoutService', 'ResponseLocation') ?? endpoint(role, 'SingleLogoutService'),
    signingCertificates,
    validUntil: validUntilOf(role),
    cacheDurationMs: cacheDurationOf(role),
  };
}

// Metadata §2.3.1, §2.4.1: each level may carry both; the shortest counts.
function validUntilOf(role: XmlElement): Date | undefined {
  const instants = upward(role).flatMap((element) => readInstant(element, 'validUntil') ?? []);
  return instants.sort((a, b) => a.getTime() - b.getTime())[0];
}

function cacheDurationOf(role: XmlElement): number | undefined {
  const durations = upward(role).flatMap((element) => readDuration(element, 'cacheDuration') ?? []);
  return durations.sort((a, b) => a - b)[0];
}

function upward(element: XmlElement): XmlElement[] {
  const path: XmlElement[] = [];
  for (let at: XmlElement | undefined = element; at; at = at.parent) path.push(at);
  return path;
}

function pickEntity(root: XmlElement, entityId: string | undefined): { entity: XmlElement; role: XmlElement } {
  const found: { entity: XmlElement; role: XmlElement }[] = [];
  for (const entity of walk(root)) {
    if (entity.namespace !== ns.metadata || entity.name !== 'EntityDescriptor') continue;
    const role = childrenOf(entity, ns.metadata, 'IDPSSODescriptor').find(speaksSaml2);
    const id = attributeOf(entity, 'entityID');
    if (role && id && (entityId === undefined || id === entityId)) found.push({ entity, role });
  }
  const [only] = found;
  if (!only) malformed('no entity with an IDPSSODescriptor for SAML 2.0');
  if (found.length > 1) malformed(`${found.length} identity providers in one document: set metadata.entityId`);
  return only;
}

function speaksSaml2(role: XmlElement): boolean {
  return (attributeOf(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(ns.protocol);
}

function readSigningCertificates(role: XmlElement): string[] {
  const certificates = new Set<string>();
  for (const [index, descriptor] of childrenOf(role, ns.metadata, 'KeyDescriptor').entries()) {
    // Metadata §2.4.1.1: without `use` a key serves both purposes.
    if ((attributeOf(descriptor, 'use') ?? 'signing') !== 'signing') continue;
    const info = onlyChild(descriptor, ns.signature, 'KeyInfo');
    const pem = info && readKey(info, index + 1);
    if (pem !== undefined) certificates.add(pem);
  }
  return [...certificates];
}

function readKey(info: XmlElement, position: number): string | undefined {
  let pem: string | undefined;
  try {
    pem = descriptorKey(info);
  } catch (error) {
    return malformed(`KeyDescriptor ${position}: ${(error as Error).message}`);
  }
  const problem = pem === undefined ? undefined : weakness(pem);
  return problem === undefined ? pem : malformed(`a signing certificate is too weak: ${problem}`);
}

function endpoint(
  role: XmlElement,
  name: string,
  attribute: 'Location' | 'ResponseLocation' = 'Location',
): string | undefined {
  const services = childrenOf(role, ns.metadata, name);
  const service = services.find((each) => attributeOf(each, 'Binding') === bindings.redirect);
  const location = attributeOf(service, attribute);
  // Browsers are sent there: `javascript:` and the like must never get so far.
  const isWeb = location === undefined || (URL.canParse(location) && /^https?:$/.test(new URL(location).protocol));
  return isWeb ? location : malformed(`the ${attribute} of ${name} is not an http or https URL`);
}

function malformed(message: string): never {
  throw samlRefusal('malformed', message);
}
