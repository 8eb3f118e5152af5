// Endpoints of AWS that production takes: https, at a host of AWS or of a VPC endpoint.
import { type Partition, stsEndpoint } from '../../aws/partitions.ts';
import type { Environment } from '../text/interpolate.ts';

type Service = 'sts' | 'iam' | 'kms' | 'secretsmanager' | 'ssm' | 'organizations';

export function isAwsHost(url: string, service: Service, partition: Partition): boolean {
  const { protocol, hostname, port } = new URL(url);
  const suffix = new URL(stsEndpoint(partition, 'x')).hostname.replace('sts.x', '');
  const isService = new RegExp(`(^|\\.)${service}(-fips)?\\.`).test(hostname);
  const isAws = hostname.endsWith(suffix) || hostname.endsWith('.api.aws');
  return protocol === 'https:' && port === '' && isService && isAws;
}

/** Variables with which the SDK would send requests elsewhere. */
export function redirectedSdk(env: Environment): string[] {
  return Object.keys(env).filter((name) => /^AWS_ENDPOINT_URL(_\w+)?$/.test(name) && env[name] !== '');
}
