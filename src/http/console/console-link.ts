// The stable address of a console: which role, and where on the console. What other portals embed.
import { z } from 'zod';
import { parseRoleArn } from '../../access/arn.ts';
import type { EligibleRole } from '../../access/model.ts';
import { type ServiceName, serviceNames, serviceUrl } from '../../aws/console-services.ts';
import { consoleDestination } from '../../aws/destination.ts';
import type { Partition } from '../../aws/partitions.ts';

export interface ConsolePlace {
  /** A console path or URL. */
  readonly destination?: string | undefined;
  /** A short name, instead of a destination. */
  readonly service?: ServiceName | undefined;
  readonly region?: string | undefined;
}

// A form without a script sends its empty fields too.
const blank = z.literal('').transform(() => undefined);

/** The members of a place as a query or a form has them. */
export function placeFields(partition: Partition) {
  return {
    destination: blank.or(z.string().max(2048)).optional(),
    service: blank.or(z.enum(serviceNames)).optional(),
    region: blank.or(z.string().regex(partition.regionForm)).optional(),
  };
}

export function consolePath(role: string, { service, destination, region }: ConsolePlace): string {
  const query = new URLSearchParams({ role });
  if (service !== undefined) query.set('service', service);
  if (destination !== undefined) query.set('destination', destination);
  if (region !== undefined) query.set('region', region);
  return `/console?${query}`;
}

/** The same for people to read: RFC 3986 §3.4 lets a query keep slashes and colons. */
export function consoleLinkUrl(baseUrl: string, role: string, place: ConsolePlace): string {
  return baseUrl + consolePath(role, place).replaceAll('%2F', '/').replaceAll('%3A', ':');
}

/** The console's address for a place. @returns undefined if it is not on the console, or named twice */
export function placeUrl(place: ConsolePlace, accountRegion: string, partition: Partition): string | undefined {
  const { service, destination } = place;
  const region = place.region ?? accountRegion;
  if (service === undefined) return consoleDestination(destination, region, partition);
  return destination === undefined ? serviceUrl(service, region, partition) : undefined;
}

/** `alias/role`, or the alias alone: how a link names a role. */
export function roleReference({ account, roleArn }: EligibleRole, by: 'alias' | 'id' = 'alias'): string {
  return `${account[by]}/${parseRoleArn(roleArn)?.role}`;
}
