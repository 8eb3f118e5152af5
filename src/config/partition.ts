// Which partition of AWS, by name or described: those that AWS opens later, and the isolated ones whose hosts are not public.
import { z } from 'zod';
import { type Partition, partitions } from '../aws/partitions.ts';

const host = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])$/, 'is not a host name');

/** Any region's name; whether the partition has it is checked with the partition. */
export const regionName = z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'is not the name of a region');

export const partitionName = z
  .string()
  .regex(/^aws(-[a-z]+)*$/, 'is not the name of a partition, such as aws or aws-cn');

/** For a partition that is not built in. */
export const partitionSchema = z.strictObject({
  dnsSuffix: host,
  signinHost: host,
  consoleHost: host,
  /** What STS there demands as Audience of an assertion. */
  audience: z.string().min(1).max(256),
  attributePrefix: z.string().min(1).max(256).default('https://aws.amazon.com/SAML/Attributes/'),
  /** Every region that may be used; global services have their console in the first. */
  regions: z.array(regionName).min(1),
});

interface Where {
  readonly partition: string;
  readonly otherPartition?: z.output<typeof partitionSchema> | undefined;
  readonly region: string;
  readonly fallbackRegions: readonly string[];
  readonly fips: boolean;
  readonly endpoints: { readonly sts?: string | undefined };
}

/** The partition; what does not fit it is added to the problems. */
export function resolvePartition(
  where: Where,
  accounts: readonly { readonly region?: string | undefined }[],
  problems: string[],
): Partition | undefined {
  const { partition: name, otherPartition, region, fallbackRegions, fips, endpoints } = where;
  // A description wins for aws-eusc: it was needed before that was built in, and not all of its names are published.
  const isDescribed = name === 'aws-eusc' && otherPartition !== undefined;
  const builtIn = !isDescribed && Object.hasOwn(partitions, name) ? partitions[name] : undefined;
  if (builtIn && otherPartition) problems.push(`aws.otherPartition: ${name} is built in`);
  const partition = builtIn ?? (otherPartition && describe(name, otherPartition));
  if (!partition) {
    const known = Object.keys(partitions).join(', ');
    problems.push(`aws.partition: ${name} is not built in (${known}); describe it in aws.otherPartition`);
    return undefined;
  }
  const check = (value: string | undefined, path: string) => {
    if (value !== undefined && !partition.regionForm.test(value)) problems.push(`${path}: ${value} is not in ${name}`);
  };
  check(region, 'aws.region');
  fallbackRegions.forEach((each, index) => void check(each, `aws.fallbackRegions[${index}]`));
  accounts.forEach((account, index) => void check(account.region, `accounts[${index}].region`));
  if (endpoints.sts !== undefined && (fips || fallbackRegions.length > 0)) {
    problems.push('aws.endpoints.sts: one address for all regions leaves nothing for fips and fallbackRegions');
  }
  if (fips && partition.stsFipsLabel === undefined) problems.push(`aws.fips: ${name} has no FIPS endpoints of STS`);
  return partition;
}

function describe(name: string, { regions, ...hosts }: z.output<typeof partitionSchema>): Partition {
  return {
    ...hosts,
    name,
    firstRegion: regions[0]!,
    regionForm: new RegExp(`^(?:${regions.join('|')})$`),
    signsOutFirst: false,
    stsFipsLabel: undefined,
  };
}
