// Options of the STS adapter for tests: one region answers at one address, unless a test says where else to go on.
import { createFailover } from '../../../src/aws/failover.ts';
import { isStsOutage, type StsOptions } from '../../../src/aws/sts.ts';
import { systemClock } from '../../../src/clock.ts';

export function stsOptions(
  endpointOf: (region: string) => string,
  more: Partial<Pick<StsOptions, 'fallbackRegions' | 'userAgent'>> & { onOpen?: (region: string) => void } = {},
): StsOptions {
  const { fallbackRegions = [], userAgent = 'rolegate/test', onOpen = () => {} } = more;
  const failover = createFailover({ clock: systemClock, isOutage: isStsOutage, onOpen });
  return { endpointOf, userAgent, fallbackRegions, failover };
}
