// Where a console session may land: only on the console of the account's partition.
import type { Partition } from './partitions.ts';

/**
 * The full console URL for what was requested: nothing (the region's home), a path, or a URL on a console host of the partition.
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
  const isConsole = url.hostname === partition.consoleHost || url.hostname.endsWith(`.${partition.consoleHost}`);
  // URL takes `;` and the like into a host name, where other readers see it end.
  const isName = /^[a-z0-9.-]+$/.test(url.hostname);
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '' && url.port === '';
  return isConsole && isName && isPlain ? url.href : undefined;
}
