// Opens what a command of an administrator works on: the sessions and credentials that the running processes share.
import { hostname, userInfo } from 'node:os';
import { ConfigError } from '../../config/config.ts';
import { createLogger } from '../../log.ts';
import { type Administration, openAdministration } from '../../wiring/administration.ts';
import type { ConfigOption, ServerContext } from '../context.ts';

/** @throws ConfigError where the store is memory; BrokerError store_unavailable */
export async function withAdministration<T>(
  context: ServerContext,
  options: ConfigOption,
  use: (administration: Administration) => Promise<T>,
): Promise<T> {
  const log = createLogger('warn', context.stderr);
  // An audit trail on stdout would mix with the answer; on stderr it is kept with the log of the command.
  const world = { ...context, log, auditStream: context.stderr };
  const opened = await openAdministration(await context.load(options), world);
  if (!opened) throw new ConfigError('store', ['memory is not shared: use the administrators’ page of the broker']);
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

/** Who runs the command, for audit records. */
export function operator(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** What a browser, a machine or an identity provider says must not control the terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
