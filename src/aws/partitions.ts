// What differs between AWS partitions: hosts, audience, attribute names (reference: IAM User Guide, regional endpoints).

export interface Partition {
  readonly name: string;
  readonly dnsSuffix: string;
  readonly signinHost: string;
  readonly consoleHost: string;
  /** Audience that STS demands of an assertion. */
  readonly audience: string;
  readonly attributePrefix: string;
  /** Where global services have their console. */
  readonly firstRegion: string;
  /** Names of its regions; new ones follow the pattern. */
  readonly regionForm: RegExp;
  /** Whether the sign-in host of the first region goes on to `redirect_uri` after a sign-out, as is known of `aws` only. */
  readonly signsOutFirst: boolean;
  /** First label of STS's FIPS hosts; undefined where there are none. */
  readonly stsFipsLabel: 'sts-fips' | 'sts' | undefined;
}

export const partitions: Readonly<Record<string, Partition>> = {
  aws: {
    name: 'aws',
    dnsSuffix: 'amazonaws.com',
    signinHost: 'signin.aws.amazon.com',
    consoleHost: 'console.aws.amazon.com',
    audience: 'urn:amazon:webservices',
    attributePrefix: 'https://aws.amazon.com/SAML/Attributes/',
    firstRegion: 'us-east-1',
    regionForm: /^(?!cn-|us-gov-|us-iso|eu-isoe)[a-z]{2}(-[a-z]+)+-\d$/,
    signsOutFirst: true,
    stsFipsLabel: 'sts-fips',
  },
  'aws-cn': {
    name: 'aws-cn',
    dnsSuffix: 'amazonaws.com.cn',
    signinHost: 'signin.amazonaws.cn',
    consoleHost: 'console.amazonaws.cn',
    audience: 'urn:amazon:webservices:cn-north-1',
    attributePrefix: 'https://www.amazonaws.cn/SAML/Attributes/',
    firstRegion: 'cn-north-1',
    regionForm: /^cn-[a-z]+-\d$/,
    signsOutFirst: false,
    stsFipsLabel: undefined,
  },
  'aws-us-gov': {
    name: 'aws-us-gov',
    dnsSuffix: 'amazonaws.com',
    signinHost: 'signin.amazonaws-us-gov.com',
    consoleHost: 'console.amazonaws-us-gov.com',
    audience: 'urn:amazon:webservices:govcloud',
    attributePrefix: 'https://aws.amazon.com/SAML/Attributes/',
    firstRegion: 'us-gov-west-1',
    regionForm: /^us-gov-[a-z]+-\d$/,
    signsOutFirst: false,
    // Its ordinary hosts are FIPS endpoints.
    stsFipsLabel: 'sts',
  },
  'aws-eusc': {
    name: 'aws-eusc',
    dnsSuffix: 'amazonaws.eu',
    signinHost: 'signin.amazonaws-eusc.eu',
    consoleHost: 'console.amazonaws-eusc.eu',
    // IAM User Guide: the sign-in URL is an Audience too. AWS publishes no URN for this partition.
    audience: 'https://signin.amazonaws-eusc.eu/saml',
    attributePrefix: 'https://aws.amazon.com/SAML/Attributes/',
    firstRegion: 'eusc-de-east-1',
    regionForm: /^eusc-[a-z]{2}-[a-z]+-\d$/,
    signsOutFirst: false,
    stsFipsLabel: undefined,
  },
};

interface RegionHosts {
  readonly name: string;
  readonly regionForm: RegExp;
  readonly dnsSuffix: string;
}

/** Isolated partitions: their STS is known, their consoles are described in aws.otherPartition (reference: the SDKs' partitions.json). */
const isolated: readonly RegionHosts[] = [
  { name: 'aws-iso', regionForm: /^us-iso-[a-z]+-\d$/, dnsSuffix: 'c2s.ic.gov' },
  { name: 'aws-iso-b', regionForm: /^us-isob-[a-z]+-\d$/, dnsSuffix: 'sc2s.sgov.gov' },
  { name: 'aws-iso-e', regionForm: /^eu-isoe-[a-z]+-\d$/, dnsSuffix: 'cloud.adc-e.uk' },
  { name: 'aws-iso-f', regionForm: /^us-isof-[a-z]+-\d$/, dnsSuffix: 'csp.hci.ic.gov' },
];

/** Where the services of a region have their names; undefined for a region of no partition that is known. */
export function dnsSuffixOf(region: string): string | undefined {
  return hostsOf(region)?.dnsSuffix;
}

/** Name of the partition that a region is in, as ARNs have it; undefined if it is not known. */
export function partitionOf(region: string): string | undefined {
  return hostsOf(region)?.name;
}

function hostsOf(region: string): RegionHosts | undefined {
  return [...Object.values(partitions), ...isolated].find(({ regionForm }) => regionForm.test(region));
}

/** Where STS answers for a region; always regional, since the global endpoint wants credentials for an unsigned call. */
export function stsEndpoint(
  { dnsSuffix, stsFipsLabel }: Pick<Partition, 'dnsSuffix' | 'stsFipsLabel'>,
  region: string,
  fips = false,
): string {
  return `https://${fips ? (stsFipsLabel ?? 'sts') : 'sts'}.${region}.${dnsSuffix}`;
}

/** The sign-in endpoint of a region. A SigninToken is redeemed on the host that issued it. */
export function signinEndpoint(partition: Partition, region: string): string {
  return `https://${region}.${partition.signinHost}`;
}

/** The sign-in page of a region for a browser with an assertion: its Recipient, and `SAML:aud` in the trust policy. */
export function signinSamlUrl(partition: Partition, region: string): string {
  return `${signinEndpoint(partition, region)}/saml`;
}

/** Whose sign-in pages a browser may post an assertion to: the account's own region first, then those to fall back on. */
export function signinRegions(own: string, fallbackRegions: readonly string[]): string[] {
  return [...new Set([own, ...fallbackRegions])];
}

/** Recipient of an assertion for STS, which IAM trust policies know as `SAML:aud`. */
export function samlRecipient(partition: Partition): string {
  return `https://${partition.signinHost}/saml`;
}
