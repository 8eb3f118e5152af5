// The planned content of the block of profiles, and its changes. A function of the roles and of the current block.
import type { RoleEntry } from '../../wire/api.ts';
import { commandLineWord } from '../../wire/role-arn.ts';
import { CliError } from '../machine/errors.ts';
import { hasControls, printable } from '../machine/printable.ts';
import { readSections } from './aws-config.ts';
import { nameProfiles } from './profile-names.ts';

export interface Profile {
  readonly name: string;
  readonly settings: ReadonlyMap<string, string>;
}

export interface ProfilePlan {
  /** Of the block, in the order of names. */
  readonly profiles: readonly Profile[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** Written by rolegate, but not among the roles any more: `prune` removes them, otherwise they stay. */
  readonly removed: readonly string[];
  readonly stale: readonly string[];
}

export interface ProfilesInput {
  readonly broker: string;
  readonly roles: readonly RoleEntry[];
  readonly template: string;
  /** Words that start rolegate, safe as they are. */
  readonly helper: readonly string[];
  /** Whether the profiles may open a browser. */
  readonly opensBrowser: boolean;
}

/** @throws CliError usage, or failed for names that could not be written safely */
export function planProfiles(input: ProfilesInput, block: string, { prune }: { prune: boolean }): ProfilePlan {
  const fresh = profilesFor(input);
  const names = new Set(fresh.map(({ name }) => name));
  const old = readProfiles(block);
  const before = new Map(old.map((profile) => [profile.name, profile]));
  const gone = old.filter(({ name }) => !names.has(name));
  return {
    profiles: [...fresh, ...(prune ? [] : gone)].sort(byName),
    added: fresh.filter(({ name }) => !before.has(name)).map(({ name }) => name),
    changed: fresh
      .filter(
        (each) =>
          before.has(each.name) && profileLines([each]).join() !== profileLines([before.get(each.name)!]).join(),
      )
      .map(({ name }) => name),
    removed: prune ? gone.map(({ name }) => name) : [],
    stale: prune ? [] : gone.map(({ name }) => name),
  };
}

/** The profiles of the block that rolegate wrote. */
export function readProfiles(block: string): Profile[] {
  return readSections(block).flatMap(({ header, settings }) => {
    const name = /^profile (.+)$/.exec(header)?.[1];
    return name === undefined ? [] : [{ name, settings }];
  });
}

export function profileLines(profiles: readonly Profile[]): string[] {
  return profiles.flatMap(({ name, settings }, index) => [
    ...(index === 0 ? [] : ['']),
    `[profile ${name}]`,
    ...[...settings].map(([key, value]) => `${key} = ${value}`),
  ]);
}

function profilesFor({ broker, roles: all, template, helper, opensBrowser }: ProfilesInput): Profile[] {
  // A profile is for credentials.
  const roles = all.filter((role) => role.consoleOnly !== true && commandLineWord(role.roleArn) !== undefined);
  for (const role of roles) checkNames(role);
  const names = nameProfiles(roles, template);
  const command = (roleArn: string) => {
    const role = commandLineWord(roleArn) ?? roleArn;
    return [
      ...helper,
      'credential-process',
      '--broker',
      broker,
      '--role',
      role,
      ...(opensBrowser ? ['--login'] : []),
    ].join(' ');
  };
  const profiles = roles.map(({ roleArn, region }) => ({
    name: names.get(roleArn)!,
    settings: new Map([['credential_process', command(roleArn)], ...(region ? [['region', region] as const] : [])]),
  }));
  return profiles.sort(byName);
}

/** A line end in a name would inject settings, so a name with one is refused. */
function checkNames({ roleArn, accountAlias, accountName, environment, roleName, region }: RoleEntry): void {
  const names = [accountAlias, accountName, environment ?? '', roleName];
  const odd = names.find(hasControls) ?? (region && !/^[a-z]+(-[a-z]+)+-\d+$/.test(region) ? region : undefined);
  if (odd === undefined) return;
  throw new CliError(
    'failed',
    `the broker gives ${roleArn} a name that is none, ${printable(JSON.stringify(odd))}: nothing was written`,
  );
}

const byName = (one: Profile, other: Profile) => (one.name < other.name ? -1 : Number(one.name > other.name));
