// Reads an identity provider's metadata: entityID, endpoints, one signing key per KeyDescriptor. AD FS publishes
// WS-Federation roles and an SP role beside the IdP role, and puts the encryption certificate first: both are ignored.
import { samlRefusal } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { readDuration, readInstant } from '../instant.ts';
import { bindings, ns } from '../names.ts';
import { collapseSpace } from '../xml/xml-characters.ts';
import { metadataLimits, readXml } from '../xml/xml-reader.ts';
import { attributeOf, childrenOf, onlyChild, tokenOf, walk, type XmlElement } from '../xml/xml-tree.ts';
import { certificateFacts, weakness } from './certificate.ts';
import { descriptorKey } from './descriptor-key.ts';

export interface IdpMetadata {
  readonly entityId: string;
  /** Undefined: sign-in takes HTTP-POST only. */
  readonly ssoRedirectUrl: string | undefined;
  readonly ssoPostUrl: string | undefined;
  readonly sloRedirectUrl: string | undefined;
  /** Where our LogoutResponse goes; the same address unless the metadata has a ResponseLocation (Metadata §2.2.2). */
  readonly sloResponseUrl: string | undefined;
  /** PEM, one per KeyDescriptor, in the order of the document. Every one of them may sign: that is how rollover works. */
  readonly signingCertificates: readonly string[];
  /** The earliest on the way from the root to the role: after it nothing in the document counts (Metadata §2.3.1). */
  readonly validUntil: Date | undefined;
  /** How long a copy may be used before it is fetched again. */
  readonly cacheDurationMs: number | undefined;
  /** What was left out because it is unusable, and why. */
  readonly warnings: readonly string[];
}

export const maxMetadataBytes = 2 * 1024 * 1024;

/** The document unverified: accept-metadata.ts decides whether it may be believed. @param entityId picks the entity where the document holds several. @throws BrokerError saml_refused `malformed` */
export function readIdpMetadata(xml: string, entityId?: string): IdpMetadata {
  if (Buffer.byteLength(xml) > maxMetadataBytes) throw samlRefusal('too_large', 'metadata above 2 MiB');
  const root = readXml(xml.replace(/^\ufeff/, ''), metadataLimits);
  const { entity, role } = pickEntity(root, entityId);
  const warnings: string[] = [];
  const signingCertificates = readSigningCertificates(role, warnings);
  const ssoRedirectUrl = endpoint(role, 'SingleSignOnService', 'redirect', warnings)?.location;
  const ssoPostUrl = endpoint(role, 'SingleSignOnService', 'post', warnings)?.location;
  const slo = endpoint(role, 'SingleLogoutService', 'redirect', warnings);
  if (!slo) warnAboutLogout(role, warnings);
  // Only a hint: a document whose hint cannot be read is fetched as often as configured.
  const durations = upward(role).flatMap((element) => {
    try {
      return readDuration(element, 'cacheDuration') ?? [];
    } catch {
      const value = quoted(attributeOf(element, 'cacheDuration'));
      warnings.push(`the cacheDuration of ${element.name} is ignored: ${value} is not a duration`);
      return [];
    }
  });
  const cacheDurationMs = durations.sort((a, b) => a - b)[0];
  const because = warnings.map((warning) => `; ${warning}`).join('');
  if (signingCertificates.length === 0) malformed(`no signing certificate that can be used${because}`);
  if (ssoRedirectUrl === undefined && ssoPostUrl === undefined) {
    malformed(`no usable SingleSignOnService with HTTP-Redirect or HTTP-POST${because}`);
  }
  return {
    entityId: tokenOf(entity, 'entityID')!,
    ...{ ssoRedirectUrl, ssoPostUrl },
    ...{ sloRedirectUrl: slo?.location, sloResponseUrl: slo?.responseLocation },
    ...{ signingCertificates, validUntil: validUntilOf(role), cacheDurationMs, warnings },
  };
}

// Metadata §2.3.1, §2.4.1: each level may carry both; the shortest counts.
function validUntilOf(role: XmlElement): Date | undefined {
  const instants = upward(role).flatMap((element) => readInstant(element, 'validUntil') ?? []);
  return instants.sort((a, b) => a.getTime() - b.getTime())[0];
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
    const role = childrenOf(entity, ns.metadata, 'IDPSSODescriptor').find((role) =>
      (attributeOf(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(ns.protocol),
    );
    const id = tokenOf(entity, 'entityID');
    if (role && id && (entityId === undefined || id === entityId)) found.push({ entity, role });
  }
  const [only] = found;
  if (!only) malformed(noEntity(root, entityId));
  if (found.length > 1) malformed(`${found.length} identity providers in one document: set metadata.entityId`);
  return only;
}

function noEntity(root: XmlElement, entityId: string | undefined): string {
  const ids = [...walk(root)]
    .filter(({ namespace, name }) => namespace === ns.metadata && name === 'EntityDescriptor')
    .map((entity) => quoted(attributeOf(entity, 'entityID')));
  const shown = ids.slice(0, 5).join(', ') + (ids.length > 5 ? ` and ${ids.length - 5} more` : '');
  const wanted = entityId === undefined ? '' : ` and the entityID ${quoted(entityId)}`;
  return `no entity with an IDPSSODescriptor for SAML 2.0${wanted}; the document has ${shown || 'no EntityDescriptor'}`;
}

// During a rollover an unusable key may be next to a good one: the good one counts.
function readSigningCertificates(role: XmlElement, warnings: string[]): string[] {
  const certificates = new Set<string>();
  for (const [index, descriptor] of childrenOf(role, ns.metadata, 'KeyDescriptor').entries()) {
    // Metadata §2.4.1.1: without `use` a key serves both purposes.
    if ((attributeOf(descriptor, 'use') ?? 'signing') !== 'signing') continue;
    try {
      const info = onlyChild(descriptor, ns.signature, 'KeyInfo');
      const pem = info && descriptorKey(info);
      if (pem === undefined) throw new Error('it has no certificate');
      const problem = weakness(pem);
      if (problem !== undefined) throw new Error(`${quoted(certificateFacts(pem).subject)} is too weak: ${problem}`);
      certificates.add(pem);
    } catch (error) {
      warnings.push(`KeyDescriptor ${index + 1}: ${(error as Error).message} (left out)`);
    }
  }
  return [...certificates];
}

interface Endpoint {
  readonly location: string;
  readonly responseLocation: string;
}

/** The first usable one with this binding. */
function endpoint(
  role: XmlElement,
  name: string,
  binding: 'redirect' | 'post',
  warnings: string[],
): Endpoint | undefined {
  for (const service of childrenOf(role, ns.metadata, name)) {
    if (tokenOf(service, 'Binding') !== bindings[binding]) continue;
    const location = attributeOf(service, 'Location') ?? '';
    const responseLocation = attributeOf(service, 'ResponseLocation') ?? location;
    // Browsers are sent there: `javascript:` and the like must never get so far.
    const unusable = [location, responseLocation].find(
      (address) => !(URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)),
    );
    if (unusable === undefined) {
      return { location: collapseSpace(location), responseLocation: collapseSpace(responseLocation) };
    }
    const bindingName = binding === 'redirect' ? 'HTTP-Redirect' : 'HTTP-POST';
    warnings.push(`${name} with ${bindingName} is left out: ${quoted(unusable)} is not an http or https URL`);
  }
  return undefined;
}

function warnAboutLogout(role: XmlElement, warnings: string[]): void {
  const offered = childrenOf(role, ns.metadata, 'SingleLogoutService')
    .map((service) => tokenOf(service, 'Binding') ?? '')
    .filter((binding) => binding !== bindings.redirect)
    .map((binding) => binding.split(':').at(-1)!.slice(0, 40));
  if (offered.length === 0) return;
  const names = [...new Set(offered)].join(' and ');
  warnings.push(`it offers single logout by ${names} only, which is not used: sign-out ends the session here only`);
}

function malformed(message: string): never {
  throw samlRefusal('malformed', message);
}
