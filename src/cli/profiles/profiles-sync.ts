// `rolegate profiles sync`: writes the current roles to the block in ~/.aws/config, unless something conflicts.
import type { RoleEntry } from '../../wire/api.ts';
import { commandLineWord } from '../../wire/role-arn.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { namedExactly, rolesWithWords } from '../roles/role-match.ts';
import { fetchRoles, storeRoleNames } from '../roles/roles.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import { findBlock } from './aws-config.ts';
import { awsFiles, readBytes, readConfig } from './aws-config-file.ts';
import { parseProblems } from './parse-problems.ts';
import { profileLines, restoreBlock } from './profile-block.ts';
import { type EditOptions, editBlock } from './profile-edit.ts';
import { type ProfilePlan, planProfiles } from './profile-plan.ts';
import { chooseSettings, readRegions, rememberSync, type SettingOptions } from './profile-settings.ts';
import { requireNoShadows, shadowingVariables } from './shadowing.ts';

export interface SyncOptions extends EditOptions, SettingOptions {
  readonly broker?: string;
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** @param query words that narrow the roles. @throws CliError */
export async function syncProfiles(
  context: CliContext,
  broker: string,
  query: string,
  options: SyncOptions,
): Promise<void> {
  const files = awsFiles(context);
  const raw = readConfig(files.config);
  const settings = chooseSettings(context, broker, options);
  const roles = await fetchRoles(createBrokerClient(context, broker));
  storeRoleNames(context, broker, roles);
  for (const { roleArn } of roles.filter((role) => commandLineWord(role.roleArn) === undefined)) {
    const why = `${roleArn} gets no profile: tools read its path in different ways`;
    say(context, printable(`${why}. Use \`rolegate exec\` or \`serve\``));
  }
  const text = restoreBlock(raw, broker);
  const isWanted = wantedBy(roles, query);
  const formerRegions = readRegions(context, broker);
  const input = { broker, roles, ...settings, isWanted, formerRegions };
  const plan = planProfiles(input, findBlock(text, broker).block, { prune: options.prune ?? false });
  const names = new Set(plan.profiles.map(({ name }) => name));
  const check = (config: string) => requireNoShadows(files, broker, config, names);
  check(text);
  for (const { what, advice } of shadowingVariables(context.env)) say(context, `rolegate: ${what}: ${advice}`);
  sayProblems(context, files.config, raw);
  sayProblems(context, files.credentials, readBytes(files.credentials));
  const edit = { text: raw, lines: profileLines(plan.profiles), check, summary: summaryOf(plan) };
  const current = !options.dryRun && (await editBlock(context, broker, edit, options));
  if (current) rememberSync(context, broker, options, roles);
  report(context, files.config, plan, { ...options, current });
}

/** @throws CliError denied, where none of them is meant */
function wantedBy(roles: readonly RoleEntry[], query: string): (role: RoleEntry) => boolean {
  if (query.trim() === '') return () => true;
  const exact = namedExactly(roles, query);
  const found = new Set((exact.length > 0 ? exact : rolesWithWords(roles, query)).map(({ roleArn }) => roleArn));
  if (found.size === 0) throw new CliError('denied', `none of your roles matches "${printable(query)}"`);
  return ({ roleArn }) => found.has(roleArn);
}

function sayProblems(context: CliContext, file: string, text: string): void {
  for (const problem of parseProblems(text).slice(0, 3)) say(context, `rolegate: ${file}: ${problem}`);
}

function report(
  context: CliContext,
  file: string,
  plan: ProfilePlan,
  { json, diff, dryRun, current }: SyncOptions & { current: boolean },
): void {
  const { profiles, added, changed, renamed, removed, stale } = plan;
  if (json) {
    const staleNames = stale.map(({ name }) => name);
    print(context, printableJson({ file, current, added, changed, renamed, removed, stale: staleNames }));
    return;
  }
  const lines = [
    ...added.map((name) => `added ${name}`),
    ...changed.map((name) => `changed ${name}`),
    ...renamed.map(({ from, to }) => `renamed ${from} to ${to}`),
    ...removed.map((name) => `removed ${name}`),
  ];
  if (dryRun) for (const line of lines) print(context, line);
  for (const { name, isGranted } of stale) {
    const why = isGranted ? 'these settings make no profile of this name' : 'you no longer have its role';
    say(context, `kept ${name}: ${why} (--prune removes it)`);
  }
  // Of those that are new, all can be seen with `profiles list`.
  const surprising = lines.filter((line) => !line.startsWith('added '));
  if (current) for (const line of surprising.slice(0, maxNames)) say(context, line);
  const total = `${profiles.length} profile${profiles.length === 1 ? '' : 's'} of this broker`;
  if (current) say(context, `${file} has ${total}: ${summaryOf(plan) || 'nothing had to change'}`);
  else if (!diff && !dryRun) say(context, 'nothing was changed');
}

const maxNames = 10;

function summaryOf({ added, changed, renamed, removed }: ProfilePlan): string {
  const marks = Object.entries({ added, changed, renamed, removed });
  return marks
    .filter(([, names]) => names.length > 0)
    .map(([word, names]) => `${names.length} ${word}`)
    .join(', ');
}
