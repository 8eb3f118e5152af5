// Where AWS is asked while the configuration is still being read: what its section `aws` says, before the whole is judged.
import { createOwnIdentity } from '../../aws/own-identity.ts';
import type { Signer } from '../../aws/sts.ts';
import { awsSchema } from '../aws-section.ts';
import { resolvePartition } from '../partition.ts';
import { isAwsHost, redirectedSdk } from '../production/aws-hosts.ts';
import { isRecord } from './include.ts';
import type { Environment } from './interpolate.ts';

const services = ['secretsmanager', 'ssm', 'organizations'] as const;

export interface AwsPlace {
  readonly region: string;
  readonly fips: boolean;
  /** Undefined: AWS's own. */
  readonly endpoints: { readonly [Service in (typeof services)[number]]: string | undefined };
  readonly ownIdentity: Signer;
}

/**
 * Undefined if the section `aws` is not good, which is said elsewhere. What production refuses is refused here as well: the
 * whole configuration is judged only when AWS has answered.
 */
export function awsPlace(draft: unknown, env: Environment): AwsPlace | { readonly problem: string } | undefined {
  const parsed = awsSchema.safeParse(isRecord(draft) ? draft['aws'] : undefined);
  const partition = parsed.data && resolvePartition(parsed.data, [], []);
  if (!parsed.data || !partition) return undefined;
  const { region, fips, endpoints: written } = parsed.data;
  const { secretsManager: secretsmanager, ssm, organizations } = written;
  const endpoints = { secretsmanager, ssm, organizations };
  const isRelaxed = services.some((service) => {
    const url = endpoints[service];
    return url !== undefined && !isAwsHost(url, service, partition);
  });
  const isProduction = isRecord(draft) && draft['mode'] !== 'development';
  if (isProduction && (isRelaxed || redirectedSdk(env).length > 0))
    return { problem: 'AWS is not asked at an endpoint that production refuses' };
  return { region, fips, endpoints, ownIdentity: createOwnIdentity(region) };
}
