// Options of the STS adapter for tests: one region answers at one address, unless a test says where else to go on.
import { createFailover } from '../../../src/aws/failover.ts';
import { isStsOutage, type SdkStsOptions } from '../../../src/aws/sts-client.ts';
import { systemClock } from '../../../src/clock.ts';

export function stsOptions(
  endpointOf: (region: string) => string,
  more: Partial<Pick<SdkStsOptions, 'fallbackRegions' | 'userAgent'>> & { onOpen?: (region: string) => void } = {},
): SdkStsOptions {
  const { fallbackRegions = [], userAgent = 'rolegate/test', onOpen = () => {} } = more;
  const failover = createFailover({ clock: systemClock, isOutage: isStsOutage, onOpen });
  return { endpointOf, userAgent, fallbackRegions, failover };
}
