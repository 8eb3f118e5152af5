// Where a console session may land: only on the console of the account's partition.
import type { Partition } from './partitions.ts';

/**
 * The full console URL for what was requested: nothing (the region's home), a path, or a URL on a console host of the partition. An
 * address copied from a multi-session console loses its account: with it, the URL would work for one person only.
 * @returns undefined if it leads anywhere else
 */
export function consoleDestination(
  requested: string | undefined,
  region: string,
  partition: Partition,
): string | undefined {
  const home = `https://${region}.${partition.consoleHost}/console/home?region=${region}`;
  if (requested === undefined || requested === '') return home;
  if (requested.length > 2048 || /[\p{Cc}\\]/u.test(requested) || requested.startsWith('//')) return undefined;
  let url: URL;
  try {
    url = requested.startsWith('/') ? new URL(requested, home) : new URL(requested);
  } catch {
    return undefined;
  }
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '' && url.port === '';
  const host = isPlain ? readHost(url.hostname, partition) : undefined;
  if (!host) return undefined;
  url.hostname = host.place === '' ? partition.consoleHost : `${host.place}.${partition.consoleHost}`;
  return url.href;
}

/** The account whose multi-session console an address was copied from. */
export function accountInAddress(requested: string | undefined, partition: Partition): string | undefined {
  const hostname = requested !== undefined && URL.canParse(requested) ? new URL(requested).hostname : '';
  return readHost(hostname, partition)?.accountId;
}

/** The hosts that are taken, for people to read. */
export function consoleHosts({ consoleHost }: Partition): string {
  return `${consoleHost}, *.${consoleHost}`;
}

/**
 * `console.aws.amazon.com` with a region or a service in front, or neither; a console of several sessions has `ACCOUNT-XXXXXXXX` before
 * all of it.
 */
function readHost(
  hostname: string,
  { consoleHost, regionForm }: Partition,
): { readonly place: string; readonly accountId: string | undefined } | undefined {
  if (hostname === consoleHost) return { place: '', accountId: undefined };
  if (!hostname.endsWith(`.${consoleHost}`)) return undefined;
  const before = hostname.slice(0, -consoleHost.length - 1);
  const [, accountId, place = ''] = /^(?:(\d{12})-[a-z0-9]+(?:\.|$))?([a-z][a-z0-9-]*)?$/.exec(before) ?? [];
  if (accountId === undefined && place === '') return undefined;
  const isForeignRegion = /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(place) && !regionForm.test(place);
  return isForeignRegion ? undefined : { place, accountId };
}
