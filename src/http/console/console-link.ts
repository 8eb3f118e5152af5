// The stable address of a console: which role, and where on the console. What other portals embed.
import { z } from 'zod';
import type { EligibleRole } from '../../access/model.ts';
import { type ServiceName, serviceNames, serviceUrl } from '../../aws/console-services.ts';
import { accountInAddress, consoleDestination } from '../../aws/destination.ts';
import type { Partition } from '../../aws/partitions.ts';

export interface ConsoleTarget {
  /** A console path or URL. */
  readonly destination?: string | undefined;
  /** A short name, instead of a destination. */
  readonly service?: ServiceName | undefined;
  readonly region?: string | undefined;
}

// A form without a script sends its empty fields too.
const blank = z.literal('').transform(() => undefined);

/** The members of a target as a query or a form has them. */
export function targetFields(partition: Partition) {
  return {
    destination: blank.or(z.string().max(2048)).optional(),
    service: blank.or(z.enum(serviceNames)).optional(),
    region: blank.or(z.string().regex(partition.regionForm)).optional(),
  };
}

export function consolePath(role: string, { service, destination, region }: ConsoleTarget): string {
  const query = new URLSearchParams({ role });
  if (service !== undefined) query.set('service', service);
  if (destination !== undefined) query.set('destination', destination);
  if (region !== undefined) query.set('region', region);
  return `/console?${query}`;
}

/** The same for people to read: RFC 3986 §3.4 lets a query keep slashes and colons. */
export function consoleLinkUrl(baseUrl: string, role: string, target: ConsoleTarget): string {
  return baseUrl + consolePath(role, target).replaceAll('%2F', '/').replaceAll('%3A', ':');
}

/** The console's address for a target. @returns undefined if it is not on the console, or named twice */
export function targetUrl(target: ConsoleTarget, accountRegion: string, partition: Partition): string | undefined {
  const { service, destination } = target;
  const region = target.region ?? accountRegion;
  if (service === undefined) return consoleDestination(destination, region, partition);
  return destination === undefined ? serviceUrl(service, region, partition) : undefined;
}

/** The account that an address was copied from, if it is another one than the role's. */
export function otherAccountIn(
  destination: string | undefined,
  { account }: EligibleRole,
  partition: Partition,
): string | undefined {
  const accountId = accountInAddress(destination, partition);
  return accountId === account.id ? undefined : accountId;
}
