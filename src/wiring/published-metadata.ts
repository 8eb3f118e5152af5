// The two documents that others import: the broker's as a service provider, and as IAM's identity provider.
import { brokerMetadataXml } from '../aws/broker-metadata.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { base64FromPem } from '../saml/metadata/certificate.ts';
import { spMetadataXml } from '../saml/metadata/sp-metadata.ts';

export interface PublishedMetadata {
  /** Signed where the configuration says so. */
  readonly sp: () => Promise<string>;
  readonly aws: string;
}

/** Our SingleLogoutService, for both bindings. */
export function sloUrlOf(baseUrl: string): string {
  return `${baseUrl}/saml/slo`;
}

const hourMs = 3_600_000;

/** With `metadata.validFor` the first document is a new one each hour, else both stay as they are. */
export function publishMetadata(config: Config, clock: Clock = systemClock): PublishedMetadata {
  const { issuer, signing, nextSigningCertificate } = config.aws;
  const certificates = [signing.certificate, ...(nextSigningCertificate === undefined ? [] : [nextSigningCertificate])];
  return {
    sp: spMetadata(config, clock),
    aws: brokerMetadataXml({
      issuer,
      signInUrl: `${config.baseUrl}/login`,
      certificates: certificates.map(base64FromPem),
    }),
  };
}

// Signing costs, and anybody may ask: once an hour is enough, and all processes say the same.
function spMetadata(config: Config, clock: Clock): () => Promise<string> {
  const { validForMs } = config.serviceProvider.metadata;
  let made: { hour: number; xml: Promise<string> } | undefined;
  return () => {
    const hour = validForMs === undefined ? 0 : Math.floor(clock.now().getTime() / hourMs);
    const validUntil = validForMs === undefined ? undefined : new Date(hour * hourMs + validForMs);
    if (made?.hour !== hour) made = { hour, xml: writeSpMetadata(config, validUntil) };
    return made.xml;
  };
}

function writeSpMetadata(config: Config, validUntil: Date | undefined): Promise<string> {
  const { entityId, signing, nextSigning, encryption, metadata, contact, organization } = config.serviceProvider;
  return spMetadataXml({
    entityId,
    acsUrl: config.acsUrl,
    // Without a key we could neither ask nor answer: AD FS refuses unsigned messages.
    sloUrl: signing && sloUrlOf(config.baseUrl),
    // The one in use last: an identity provider that keeps a single certificate (Keycloak) keeps the last one.
    signingCertificates: [...nextSigning, ...(signing ? [signing.certificate] : [])],
    encryptionCertificate: encryption[0]?.certificate,
    wantAssertionsSigned: config.samlProviders.every((idp) => idp.wantAssertionsSigned),
    displayName: config.portal.name,
    contact,
    organization,
    validUntil,
    signer: metadata.isSigned ? signing : undefined,
  });
}
