// `credential-process` when the cache has the answer, which is nearly always: read one file, write one line. Tools start
// this for every call, so it reaches no module but those of the file system, and neither the parser of the command line.
import type { Clock } from '../../clock.ts';
import type { Credentials } from '../../wire/api.ts';
import type { Machine } from '../machine/context.ts';
import { parseDuration } from '../machine/duration.ts';
import { readSettings } from '../machine/settings.ts';
import { writeAll } from '../plain-output.ts';
import { type CacheKey, credentialProcessJson, isFresh, readCached } from './credential-cache.ts';

/** Whether the answer was given. False for everything out of the ordinary: the command itself looks at that. */
export function answerFromCache(machine: Machine, argv: readonly string[], clock: Clock, output: number): boolean {
  const key = plainKey(machine, argv);
  const cached = key && readCached(machine, key);
  if (!cached || !isFresh(cached, clock.now())) return false;
  writeAnswer(output, cached);
  return true;
}

/** What a plain `credential-process` asks for; undefined for everything out of the ordinary. */
export function plainKey(machine: Machine, [command, ...args]: readonly string[]): CacheKey | undefined {
  const options = command === 'credential-process' ? readOptions(args) : undefined;
  const { role: roleArn, duration, broker: named, then: second, 'external-id': externalId } = options ?? {};
  const broker = named ?? machine.env['ROLEGATE_URL'] ?? readSettings(machine).defaultBroker;
  const durationSeconds = duration === undefined ? undefined : parseDuration(duration);
  if (!roleArn?.startsWith('arn:') || !broker || (duration !== undefined && !durationSeconds)) return undefined;
  const secondRole = second === undefined ? undefined : { roleArn: second, externalId };
  return { broker: broker.replace(/\/$/, ''), roleArn, durationSeconds, secondRole };
}

/** Those that change nothing about the answer, or only which one it is. */
function readOptions(args: readonly string[]): Record<string, string> | undefined {
  const options: Record<string, string> = {};
  for (let index = 0; index < args.length; index++) {
    const [, name, inline] = /^--(role|duration|broker|ca-bundle|then|external-id)(?:=(.*))?$/.exec(args[index]!) ?? [];
    const value = inline ?? args[index + 1];
    if (name && value !== undefined) {
      options[name] = value;
      if (inline === undefined) index += 1;
    } else if (args[index] !== '--login') return undefined;
  }
  return options;
}

export function writeAnswer(output: number, credentials: Credentials): void {
  writeAll(output, `${credentialProcessJson(credentials)}\n`);
}
