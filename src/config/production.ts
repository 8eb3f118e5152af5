// What production refuses. Development prints the same list, one loud line for each.
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Partition } from '../aws/partitions.ts';
import type { Config } from './config.ts';
import { relaxedAuditSinks } from './production/audit-sinks.ts';
import { isAwsHost, redirectedSdk } from './production/aws-hosts.ts';
import { relaxedProcess } from './production/process-settings.ts';
import { relaxedStore } from './production/redis-safety.ts';
import { isRepetitive } from './production/secrets.ts';
import type { Environment } from './text/interpolate.ts';
import { tooWideProxies, wideProxies } from './trust-proxy.ts';

/** What the process was started with. */
export interface ProcessSettings {
  readonly env: Environment;
  /** Options of Node itself. */
  readonly execArgv?: readonly string[] | undefined;
}

/** Every way in which this configuration is weaker than production may be. */
export function relaxedRules(config: Config, { env, execArgv = [] }: ProcessSettings): string[] {
  const relaxed: string[] = [];
  const isHttps = config.baseUrl.startsWith('https:');
  if (!isHttps) relaxed.push('baseUrl: must be https');
  if (isHttps && !config.listen.tls && config.listen.trustProxy.length === 0) {
    relaxed.push('listen: https needs tls here, or trustProxy with the addresses of the proxy that ends it');
  }
  relaxed.push(...wideProxies(config.listen), ...tooWideProxies(config.listen.trustProxy));
  relaxed.push(...relaxedStore(config.store), ...relaxedOrigins(config), ...relaxedAuditSinks(config.audit));
  if (config.verification.reference === 'never') relaxed.push('verification.reference: never; use sampled or always');
  if (isTestCertificate(config.aws.signing.certificate)) relaxed.push('aws.signing: is a certificate made for tests');
  const signing = config.serviceProvider.signing;
  if (signing && isTestCertificate(signing.certificate))
    relaxed.push('serviceProvider.signing: is a certificate made for tests');
  if (config.listen.tls && isTestCertificate(config.listen.tls.cert))
    relaxed.push('listen.tls: is a certificate made for tests');
  relaxed.push(...relaxedUrls(config), ...relaxedEndpoints(config));
  relaxed.push(...redirectedSdk(env).map((name) => `environment: ${name} must not be set`));
  if (otherKeys(config).some((key) => isSameKey(key, config.aws.signing.signer.publicKey))) {
    relaxed.push('aws.signing: the minting key opens every role and must not be used for anything else');
  }
  config.session.secrets.forEach((secret, index) => {
    if (isRepetitive(secret))
      relaxed.push(`session.secrets[${index}]: repeats itself; use the output of openssl rand -base64 48`);
  });
  return [...relaxed, ...relaxedProcess(env, execArgv)];
}

function relaxedOrigins({ portal }: Config): string[] {
  return (['embedders', 'trustedReferrers'] as const).flatMap((list) =>
    portal[list].flatMap((origin, index) =>
      origin.startsWith('https:') ? [] : [`portal.${list}[${index}]: must be https`],
    ),
  );
}

/** The public ones: a key in KMS has no other here. */
function otherKeys({ serviceProvider, listen, aws, audit }: Config): KeyObject[] {
  const { signing, encryption } = serviceProvider;
  const signers = [signing?.signer, audit.signing?.signer].flatMap((signer) => signer ?? []);
  const holders = [...encryption, ...(aws.webIdentity?.keys ?? [])];
  return [
    ...signers.map(({ publicKey }) => publicKey),
    ...holders.map(({ privateKey }) => createPublicKey(privateKey)),
    ...(listen.tls ? [createPublicKey(listen.tls.key)] : []),
  ];
}

// Not by certificate: one key can have two. Not by equals(): for keys of two types it leaves an error behind in OpenSSL,
// which the next key that is read would be blamed for.
function isSameKey(one: KeyObject, other: KeyObject): boolean {
  const [a, b] = [one, other].map((key) => key.export({ type: 'spki', format: 'der' }));
  return a!.equals(b!);
}

/** Certificates of the demo and the tests carry this in their subject. */
export const testCertificateMark = 'Rolegate test';

function isTestCertificate(pem: string): boolean {
  return new X509Certificate(pem).subject.includes(testCertificateMark);
}

function relaxedUrls(config: Config): string[] {
  const place = (id: string) => config.identityProviders.findIndex((each) => each.id === id);
  const { transmitters } = config.offboarding;
  const plainKeys = transmitters.flatMap(({ jwksUri }, index) => (jwksUri?.startsWith('http:') ? [index] : []));
  const plainIssuers = config.oidcProviders.filter(({ issuer }) => issuer.startsWith('http:'));
  return [
    ...plainIssuers.map(({ id }) => `identityProviders[${place(id)}].openid.issuer: must be https`),
    ...plainKeys.map((index) => `offboarding.events[${index}].jwksUri: must be https`),
    ...config.samlProviders.flatMap((idp) => relaxedMetadata(idp, place(idp.id))),
  ];
}

function relaxedMetadata(idp: Config['samlProviders'][number], index: number): string[] {
  const found: string[] = [];
  const { url } = idp.metadataSource;
  if (url?.startsWith('http:')) found.push(`identityProviders[${index}].metadata.url: must be https`);
  const { ssoRedirectUrl, ssoPostUrl, sloRedirectUrl, sloResponseUrl } = idp.metadata ?? {};
  const isPlain = (address: string | undefined) => address?.startsWith('http:') ?? false;
  const isPlainLogout = isPlain(sloRedirectUrl) || isPlain(sloResponseUrl);
  const plain = isPlain(ssoRedirectUrl ?? ssoPostUrl) ? 'sign-in' : isPlainLogout ? 'logout' : undefined;
  if (plain) found.push(`identityProviders[${index}].metadata: its ${plain} address is not https`);
  return found;
}

function relaxedEndpoints(config: Config): string[] {
  const { partition } = config.aws;
  const relaxed: string[] = [];
  if (config.aws.webIdentity?.issuer.startsWith('http:')) relaxed.push('aws.webIdentity.issuer: must be https');
  const signers = {
    'aws.signing': config.aws.signing.signer,
    'serviceProvider.signing': config.serviceProvider.signing?.signer,
    'audit.signing': config.audit.signing?.signer,
  };
  for (const [path, signer] of Object.entries(signers)) {
    if (signer?.endpoint !== undefined && !isAwsHost(signer.endpoint, 'kms', partition))
      relaxed.push(`${path}.kms.endpoint: is not https on an AWS or VPC endpoint host`);
  }
  const { sts, signin, iam, secretsManager, ssm, organizations } = config.aws.endpoints;
  if (signin !== undefined && !isSigninHost(signin, partition))
    relaxed.push('aws.endpoints.signin: is not an AWS sign-in host');
  const hosts = [
    ['sts', 'sts', sts],
    ['iam', 'iam', iam],
    ['secretsManager', 'secretsmanager', secretsManager],
    ['ssm', 'ssm', ssm],
    ['organizations', 'organizations', organizations],
  ] as const;
  for (const [key, service, url] of hosts) {
    if (url !== undefined && !isAwsHost(url, service, partition))
      relaxed.push(`aws.endpoints.${key}: is not https on an AWS or VPC endpoint host`);
  }
  return relaxed;
}

function isSigninHost(url: string, partition: Partition): boolean {
  const { protocol, hostname, port } = new URL(url);
  const isHost = hostname === partition.signinHost || hostname.endsWith(`.${partition.signinHost}`);
  return protocol === 'https:' && port === '' && isHost;
}
