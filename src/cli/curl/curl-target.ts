// Where `rolegate curl` sends: which service and region the signature is for, and the path and query in the one encoding
// that client and service cannot read differently.
import { dnsSuffixOf } from '../../aws/partitions.ts';
import { CliError } from '../machine/errors.ts';

export interface Target {
  readonly origin: string;
  /** Name and port as the Host header says them. */
  readonly host: string;
  readonly hostname: string;
  readonly service: string;
  readonly region: string;
  /** Every segment in RFC 3986 encoding. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[]>>;
  /** Path and query as they are sent. */
  readonly requestTarget: string;
}

export interface TargetOptions {
  readonly service?: string | undefined;
  readonly region?: string | undefined;
}

const region = '(?<region>[a-z]{2,4}(?:-[a-z]+)+-\\d)';

/**
 * Names whose service and region are beyond doubt, as far as the domain of the region's partition; S3 without a region is us-east-1.
 * In China and the European Sovereign Cloud Lambda URLs and dual-stack APIs have domains that differ from the rest.
 */
const knownHosts: readonly (readonly [string, RegExp])[] = [
  [
    'lambda',
    new RegExp(`^[a-z0-9]+\\.lambda-url\\.${region}\\.on\\.(?<domain>aws|amazonwebservices\\.(?:com\\.cn|eu))$`),
  ],
  ['execute-api', new RegExp(`^[a-z0-9-]+\\.execute-api\\.${region}\\.(?<domain>.+)$`)],
  ['s3', new RegExp(`^(?:.+\\.)?s3(?:-fips)?(?:\\.dualstack)?[.-](?!accelerate)${region}\\.(?<domain>.+)$`)],
  ['s3', new RegExp(`^[a-z0-9-]+\\.s3-accesspoint(?:-fips)?(?:\\.dualstack)?\\.${region}\\.(?<domain>.+)$`)],
  ['s3', /^(.+\.)?s3\.amazonaws\.com$/],
];

/** @throws CliError usage */
export function readTarget(text: string, options: TargetOptions): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new CliError('usage', `${text} is not a URL`);
  // The session token goes out with the request, so it goes nowhere in the clear.
  const isLoopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw new CliError('usage', `${url.protocol}//${url.host} is not https: signed requests go out over https only`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliError('usage', 'the URL must not contain a user name: the signature identifies the caller');
  }
  if ([...url.searchParams.keys()].some((name) => /^x-amz-(signature|credential|security-token)$/i.test(name))) {
    throw new CliError('usage', 'this URL is signed already: use curl for it');
  }
  const guess = guessService(url.hostname);
  const service = options.service ?? guess?.service;
  const region = options.region ?? (service === guess?.service ? guess?.region : undefined);
  if (service === undefined || region === undefined) {
    const missing = service === undefined ? '--service (such as lambda, s3 or execute-api) and --region' : '--region';
    throw new CliError('usage', `a signature is for one service in one region: give ${missing} for ${url.hostname}`);
  }
  const path = url.pathname
    .split('/')
    .map((segment) => encodeRfc3986(decode(segment)))
    .join('/');
  const pairs = [...url.searchParams];
  const search = pairs.map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`).join('&');
  const requestTarget = search === '' ? path : `${path}?${search}`;
  const { origin, host, hostname } = url;
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  return {
    origin,
    host,
    hostname,
    service,
    region,
    path,
    query: Object.fromEntries([...all].map(([name, values]) => [name, values.length === 1 ? values[0]! : values])),
    requestTarget,
  };
}

function guessService(hostname: string): { service: string; region: string } | undefined {
  for (const [service, pattern] of knownHosts) {
    const match = pattern.exec(hostname);
    const { region = 'us-east-1', domain } = match?.groups ?? {};
    if (match !== null && (domain === undefined || isDomainOf(domain, region))) return { service, region };
  }
  return undefined;
}

/** By the region's partition: a name under any other domain belongs to others. */
function isDomainOf(domain: string, region: string): boolean {
  const dnsSuffix = dnsSuffixOf(region);
  if (dnsSuffix === undefined) return false;
  const more: Readonly<Record<string, readonly string[]>> = {
    'amazonaws.com': ['api.aws', 'aws'],
    'amazonaws.com.cn': ['api.amazonwebservices.com.cn', 'amazonwebservices.com.cn'],
    'amazonaws.eu': ['api.amazonwebservices.eu', 'amazonwebservices.eu'],
  };
  return domain === dnsSuffix || (more[dnsSuffix]?.includes(domain) ?? false);
}

/** A path may hold a % that encodes nothing: then it is literal. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
