// How profiles are written for a broker: what was asked for now, else what was asked for the last time.
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod';
import type { RoleEntry } from '../../wire/api.ts';
import { type CliContext, type Machine, say } from '../machine/context.ts';
import { parseDuration } from '../machine/duration.ts';
import { CliError, failureText } from '../machine/errors.ts';
import { readJson, writePrivate } from '../machine/files.ts';
import { brokerFolder, cacheDirectory } from '../machine/paths.ts';
import { type ProfileSettings, readSettings, rememberBroker } from '../machine/settings.ts';
import { splitWords } from '../processes/command-words.ts';
import { commandWord, profileHelper } from './profile-helper.ts';
import { isRegion } from './profile-plan.ts';
import { defaultTemplate } from './profile-template.ts';

/** False takes a remembered one back. */
export interface SettingOptions {
  readonly template?: string;
  readonly login?: boolean;
  readonly helper?: string | false;
  readonly duration?: string | false;
  readonly regions?: string | false;
}

/** @throws CliError usage */
export function chooseSettings(context: CliContext, broker: string, options: SettingOptions) {
  const { profiles: remembered = {}, caBundle } = readSettings(context).brokers[broker] ?? {};
  const { template = defaultTemplate, login, duration, regions = [], helper } = merge(remembered, options);
  const isMissing =
    options.helper === undefined &&
    helper !== undefined &&
    splitWords(helper).some((word) => isAbsolute(word) && !existsSync(word));
  if (isMissing) say(context, `rolegate: "${helper}" of the last time no longer exists: the profiles run this command`);
  const carried = caBundle === undefined ? undefined : commandWord(context, caBundle);
  return {
    template,
    regions,
    helper: profileHelper(context, isMissing ? undefined : helper),
    options: [
      ...(carried === undefined ? [] : ['--ca-bundle', carried]),
      ...(duration === undefined ? [] : ['--duration', duration]),
      ...(login ? ['--login'] : []),
    ],
  };
}

/** @throws CliError usage */
function merge(remembered: ProfileSettings, options: SettingOptions): ProfileSettings {
  const { template, login, helper, duration, regions } = options;
  const seconds = typeof duration === 'string' ? parseDuration(duration) : 900;
  if (seconds === undefined || seconds < 900 || seconds > 129_600) {
    throw new CliError('usage', '--duration must be between 15m and 36h');
  }
  const names = typeof regions === 'string' ? regions.split(/[\s,]+/).filter(Boolean) : undefined;
  const odd = names?.find((name) => !isRegion(name));
  if (odd !== undefined || names?.length === 0) throw new CliError('usage', `"${odd ?? ''}" is not a region`);
  const chosen = <T>(given: T | false | undefined, former: T | undefined) =>
    given === false ? undefined : (given ?? former);
  return {
    template: template ?? remembered.template,
    login: chosen(login, remembered.login),
    helper: chosen(helper, remembered.helper),
    duration: chosen(duration, remembered.duration),
    regions: regions === false ? undefined : (names ?? remembered.regions),
  };
}

const regionsSchema = z.record(z.string(), z.string());

/** Region by ARN as the last sync wrote it, which tells a person's own region from the account's. */
export function readRegions(machine: Machine, broker: string): Readonly<Record<string, string>> {
  return regionsSchema.safeParse(readJson(machine, regionsFile(machine, broker))).data ?? {};
}

/** After the profiles were written. */
export function rememberSync(
  context: CliContext,
  broker: string,
  options: SettingOptions,
  roles: readonly RoleEntry[],
): void {
  const { profiles = {} } = readSettings(context).brokers[broker] ?? {};
  const chosen = merge(profiles, options);
  const regions = roles.flatMap(({ roleArn, region }) => (region ? [[roleArn, region] as const] : []));
  try {
    writePrivate(regionsFile(context, broker), JSON.stringify(Object.fromEntries(regions)));
    if (JSON.stringify(chosen) !== JSON.stringify(merge(profiles, {})))
      rememberBroker(context, broker, { profiles: chosen });
  } catch (error) {
    // The profiles are there; the next sync needs its options again.
    say(context, `rolegate: ${failureText(error)}`);
  }
}

function regionsFile(machine: Machine, broker: string): string {
  return join(cacheDirectory(machine), brokerFolder(broker), 'profiles.json');
}
