// The host names and constants of each AWS partition, and what a Host header says about region and realm.

/** The names by which one partition is known. */
export interface PartitionNames {
  readonly dnsSuffix: string;
  readonly signin: string;
  readonly console: string;
  readonly homeRegion: string;
  readonly audienceUrns: readonly string[];
  readonly attributePrefixes: readonly string[];
}

const PARTITIONS: Readonly<Record<string, PartitionNames>> = {
  aws: {
    dnsSuffix: 'amazonaws.com',
    signin: 'signin.aws.amazon.com',
    console: 'console.aws.amazon.com',
    homeRegion: 'us-east-1',
    audienceUrns: ['urn:amazon:webservices'],
    attributePrefixes: ['https://aws.amazon.com/SAML/Attributes/'],
  },
  'aws-cn': {
    dnsSuffix: 'amazonaws.com.cn',
    signin: 'signin.amazonaws.cn',
    console: 'console.amazonaws.cn',
    homeRegion: 'cn-north-1',
    audienceUrns: ['urn:amazon:webservices:cn-north-1'],
    attributePrefixes: ['https://www.amazonaws.cn/SAML/Attributes/', 'http://www.amazonaws.cn/SAML/Attributes/'],
  },
  'aws-us-gov': {
    dnsSuffix: 'amazonaws.com',
    signin: 'signin.amazonaws-us-gov.com',
    console: 'console.amazonaws-us-gov.com',
    homeRegion: 'us-gov-west-1',
    audienceUrns: ['urn:amazon:webservices', 'urn:amazon:webservices:govcloud'],
    attributePrefixes: ['https://aws.amazon.com/SAML/Attributes/'],
  },
  'aws-eusc': {
    dnsSuffix: 'amazonaws.eu',
    signin: 'signin.amazonaws-eusc.eu',
    console: 'console.amazonaws-eusc.eu',
    homeRegion: 'eusc-de-east-1',
    // None is published: the sign-in URL is taken.
    audienceUrns: [],
    attributePrefixes: ['https://aws.amazon.com/SAML/Attributes/'],
  },
};

const REGION = '[a-z]{2,4}(?:-[a-z]+)+-[0-9]+';

/** The names of a partition. @throws Error for one that is not known */
export function partitionNames(partition: string): PartitionNames {
  const names = PARTITIONS[partition];
  if (names === undefined) throw new Error(`unknown partition ${partition}`);
  return names;
}

/** What the Host header decides: the region, and the realm inside which a SigninToken may be redeemed. */
export interface HostFacts {
  readonly name: string;
  readonly kind: 'sts' | 'iam' | 'signin' | 's3' | 'ecr' | 'codecommit' | 'rds' | 'lambda-url' | 'local';
  readonly region: string;
  /** One realm per real sign-in host; every local name is one realm. */
  readonly realm: string;
  /** `signin.aws.amazon.com` without a region in front. */
  readonly isBareSignin: boolean;
}

/** Reads a Host header; an unknown name (127.0.0.1, a container name) is local and takes the default region. */
export function readHost(header: string, partition: string, defaultRegion: string): HostFacts {
  const names = partitionNames(partition);
  const name = header.toLowerCase();
  const host = name.replace(/:[0-9]+$/, '');
  const signin = regionBefore(host, names.signin);
  if (signin !== undefined) {
    const region = signin === '' ? names.homeRegion : signin;
    return { name, kind: 'signin', region, realm: host, isBareSignin: signin === '' };
  }
  const sts = new RegExp(`^sts(?:-fips)?(?:\\.(${REGION}))?\\.${names.dnsSuffix.replaceAll('.', '\\.')}$`).exec(host);
  if (sts !== null) return { name, kind: 'sts', region: sts[1] ?? names.homeRegion, realm: host, isBareSignin: false };
  const other = readServiceHost(host, names);
  if (other !== undefined) return { ...other, name, realm: host, isBareSignin: false };
  return { name, kind: 'local', region: defaultRegion, realm: 'local', isBareSignin: false };
}

function readServiceHost(host: string, { dnsSuffix, homeRegion }: PartitionNames) {
  // IAM is one service for a whole partition: iam.amazonaws.com, iam.cn-north-1.amazonaws.com.cn, iam.us-gov.amazonaws.com.
  if (
    new RegExp(`^iam(?:\\.(?:us-gov|cn-north-1|eusc-de-east-1))?\\.${dnsSuffix.replaceAll('.', '\\.')}$`).test(host)
  ) {
    return { kind: 'iam' as const, region: homeRegion };
  }
  const s3 = new RegExp(`^s3(?:[.-](${REGION}))?\\.${dnsSuffix.replaceAll('.', '\\.')}$`).exec(host);
  if (s3 !== null) return { kind: 's3' as const, region: s3[1] ?? homeRegion };
  const regional = [
    ['ecr', `(?:api\\.)?ecr\\.(${REGION})`],
    ['codecommit', `git-codecommit(?:-fips)?\\.(${REGION})`],
    // NAME.ID.REGION.rds.amazonaws.com; in China NAME.ID.rds.REGION.amazonaws.com.cn.
    ['rds', `[a-z0-9-]+\\.[a-z0-9-]+\\.(?:rds\\.)?(${REGION})(?:\\.rds)?`],
  ] as const;
  for (const [kind, pattern] of regional) {
    const region = new RegExp(`^${pattern}\\.${dnsSuffix.replaceAll('.', '\\.')}$`).exec(host)?.[1];
    if (region !== undefined) return { kind, region };
  }
  const lambda = new RegExp(
    `^[a-z0-9]+\\.lambda-url\\.(${REGION})\\.on\\.(?:aws|amazonwebservices\\.(?:com\\.cn|eu))$`,
  ).exec(host);
  return lambda?.[1] === undefined ? undefined : { kind: 'lambda-url' as const, region: lambda[1] };
}

/** `''` for the bare host, the region of `REGION.bare`, undefined for any other name. */
function regionBefore(host: string, bare: string): string | undefined {
  if (host === bare) return '';
  if (!host.endsWith(`.${bare}`)) return undefined;
  const region = host.slice(0, -bare.length - 1);
  return new RegExp(`^${REGION}$`).test(region) ? region : undefined;
}

/** A console Destination on the allow-list, with the region its host names; undefined for anything else. */
export function readConsoleUrl(text: string, partition: string): { url: URL; region: string | undefined } | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const region = regionBefore(url.hostname, partitionNames(partition).console);
  const isPlain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  if (!isPlain || region === undefined) return undefined;
  return { url, region: region === '' ? (url.searchParams.get('region') ?? undefined) : region };
}

/** Whether a URL is the partition's SAML sign-in endpoint; the regional ones and `/saml/acs/ID` count. */
export function isSigninSamlUrl(text: string, partition: string): boolean {
  const match = /^https:\/\/([^/]+)\/saml(?:\/acs\/SAMLSP[A-Z0-9]+)?$/.exec(text);
  return match?.[1] !== undefined && regionBefore(match[1], partitionNames(partition).signin) !== undefined;
}

/** Whether STS takes this Audience for itself. */
export function isAwsAudience(text: string, partition: string): boolean {
  return partitionNames(partition).audienceUrns.includes(text) || isSigninSamlUrl(text, partition);
}
