// The planned content of the block of profiles, and its changes. A function of the roles and of the current block.
import type { RoleEntry } from '../../wire/api.ts';
import { commandLineWord } from '../../wire/role-arn.ts';
import { CliError } from '../machine/errors.ts';
import { hasControls, printable } from '../machine/printable.ts';
import { type Profile, profileLines, readProfiles, roleOf, secondRoleOf } from './profile-block.ts';
import { nameProfiles } from './profile-names.ts';

export interface ProfilePlan {
  /** Of the block, in the order of names. */
  readonly profiles: readonly Profile[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Written by rolegate, but not for these roles and settings: `prune` removes them, otherwise they stay. */
  readonly removed: readonly string[];
  readonly stale: readonly { readonly name: string; readonly isGranted: boolean }[];
}

export interface ProfilesInput {
  readonly broker: string;
  readonly roles: readonly RoleEntry[];
  readonly template: string;
  /** Words that start rolegate, safe as they are. */
  readonly helper: readonly string[];
  /** Words behind the role: `--login`, `--duration 8h`. */
  readonly options: readonly string[];
  /** One profile for each role in each of these; the account's own region if there are none. */
  readonly regions: readonly string[];
  /** The roles whose profiles are to be written; others stay as they are. */
  readonly isWanted: (role: RoleEntry) => boolean;
  /** Region by ARN that the last sync wrote: another one in the file is the person's. */
  readonly formerRegions: Readonly<Record<string, string>>;
}

interface FreshProfile extends Profile {
  readonly roleArn: string;
  readonly isWanted: boolean;
}

/** @throws CliError usage, or failed for names that could not be written safely */
export function planProfiles(input: ProfilesInput, block: string, { prune }: { prune: boolean }): ProfilePlan {
  const all = profilesFor(input);
  const found = readProfiles(block);
  const old = found.filter((each) => secondRoleOf(each) === undefined);
  const sources = findSources(all, old, input.regions.length > 0);
  const merged = all
    .filter((each) => each.isWanted || sources.has(each))
    .map((each) => ({ each, source: sources.get(each), profile: merge(input, each, sources.get(each)) }));
  const names = new Set(merged.map(({ profile }) => profile.name));
  const used = new Set([...sources.values()]);
  const granted = new Set(input.roles.map(({ roleArn }) => roleArn));
  // Those of a second role stay as they were added, as long as the first one is granted.
  const chained = found.filter((each) => secondRoleOf(each) !== undefined);
  const taken = chained.find(({ name }) => names.has(name));
  if (taken) throw new CliError('usage', `${taken.name} is a profile of \`profiles add\`: give it another name`);
  const [kept, orphaned] = [true, false].map((is) => chained.filter((each) => granted.has(roleOf(each) ?? '') === is));
  const gone = [...old.filter((each) => !used.has(each) && !names.has(each.name)), ...orphaned!];
  const before = new Map(old.map((profile) => [profile.name, lineOf(profile)]));
  const isRenamed = ({ profile, source }: (typeof merged)[number]) =>
    source !== undefined && source.name !== profile.name;
  return {
    profiles: [
      ...merged.map(({ profile }) => profile),
      ...[...kept!, ...(prune ? [] : gone)].map((each) => withHelper(input, each)),
    ].sort(byName),
    added: merged
      .filter(({ profile, source }) => !source && !before.has(profile.name))
      .map(({ profile }) => profile.name),
    changed: merged
      .filter((each) => !isRenamed(each) && before.has(each.profile.name))
      .filter(({ profile }) => before.get(profile.name) !== lineOf(profile))
      .map(({ profile }) => profile.name),
    renamed: merged.filter(isRenamed).map(({ profile, source }) => ({ from: source!.name, to: profile.name })),
    removed: prune ? gone.map(({ name }) => name) : [],
    stale: prune ? [] : gone.map((each) => ({ name: each.name, isGranted: granted.has(roleOf(each) ?? '') })),
  };
}

const lineOf = (profile: Profile) => profileLines([profile]).join('\n');

/** The former profile of each: the one with its name if there is one, otherwise the one of its role. */
function findSources(
  all: readonly FreshProfile[],
  old: readonly Profile[],
  byRegion: boolean,
): Map<FreshProfile, Profile> {
  const left = new Set(old);
  const sources = new Map<FreshProfile, Profile>();
  const take = (fits: (fresh: FreshProfile, each: Profile) => boolean) => {
    for (const fresh of all.filter((each) => !sources.has(each))) {
      const found = [...left].find((each) => roleOf(each) === fresh.roleArn && fits(fresh, each));
      if (!found) continue;
      sources.set(fresh, found);
      left.delete(found);
    }
  };
  take((fresh, each) => each.name === fresh.name);
  take((fresh, each) => !byRegion || each.settings.get('region') === fresh.settings.get('region'));
  return sources;
}

/** The settings of now, and what the person added. */
function merge({ regions, formerRegions }: ProfilesInput, fresh: FreshProfile, source: Profile | undefined): Profile {
  if (!source) return fresh;
  if (!fresh.isWanted) return source;
  const found = source.settings.get('region');
  const isTheirs = regions.length === 0 && found !== undefined && found !== formerRegions[fresh.roleArn];
  const settings = new Map([...fresh.settings, ...(isTheirs ? [['region', found] as const] : [])]);
  return { name: fresh.name, settings, added: source.added };
}

/** A profile that stays is started like the others: a command that has moved is of no use to it. */
function withHelper(input: ProfilesInput, profile: Profile): Profile {
  const roleArn = roleOf(profile);
  if (roleArn === undefined) return profile;
  const former = profile.settings.get('credential_process') ?? '';
  const command =
    secondRoleOf(profile) === undefined
      ? commandFor(input, roleArn)
      : former.replace(/^.*? (?=credential-process )/, () => `${input.helper.join(' ')} `);
  return { ...profile, settings: new Map([...profile.settings, ['credential_process', command]]) };
}

export function commandFor(
  { helper, broker, options }: Pick<ProfilesInput, 'helper' | 'broker' | 'options'>,
  roleArn: string,
): string {
  const role = commandLineWord(roleArn) ?? roleArn;
  return [...helper, 'credential-process', '--broker', broker, '--role', role, ...options].join(' ');
}

function profilesFor(input: ProfilesInput): FreshProfile[] {
  // A profile is for credentials.
  const roles = input.roles.filter((role) => role.consoleOnly !== true && commandLineWord(role.roleArn) !== undefined);
  for (const role of roles) checkNames(role);
  const hasRegion = input.template.includes('{region}');
  const template = input.regions.length > 1 && !hasRegion ? `${input.template}-{region}` : input.template;
  const profiles = (input.regions.length > 0 ? input.regions : [undefined]).flatMap((chosen) => {
    const named = chosen === undefined ? roles : roles.map((role) => ({ ...role, region: chosen }));
    const names = nameProfiles(named, template, new URL(input.broker).hostname);
    return named.map((role) => ({
      name: names.get(role.roleArn)!,
      roleArn: role.roleArn,
      isWanted: input.isWanted(role),
      added: [],
      settings: new Map([
        ['credential_process', commandFor(input, role.roleArn)],
        ...(role.region ? [['region', role.region] as const] : []),
      ]),
    }));
  });
  const twice = profiles.find(({ name }, index) => profiles.findIndex((each) => each.name === name) !== index);
  if (twice) throw new CliError('usage', `the template gives two profiles the name ${twice.name}: add {region} to it`);
  return profiles.sort(byName);
}

/** A line end in a name would inject settings, so a name with one is refused. */
function checkNames({ roleArn, accountAlias, accountName, environment, roleName, region }: RoleEntry): void {
  const names = [accountAlias, accountName, environment ?? '', roleName];
  const odd = names.find(hasControls) ?? (region && !isRegion(region) ? region : undefined);
  if (odd === undefined) return;
  throw new CliError(
    'failed',
    `the broker sent an invalid name for ${roleArn}, ${printable(JSON.stringify(odd))}: nothing was written`,
  );
}

export const isRegion = (text: string) => /^[a-z]+(-[a-z]+)+-\d+$/.test(text);

export const byName = (one: Profile, other: Profile) => (one.name < other.name ? -1 : Number(one.name > other.name));
