// `rolegate profiles sync`: writes the current roles to the block in ~/.aws/config, unless something conflicts.

import { commandLineWord } from '../../wire/role-arn.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { fetchRoles, storeRoleNames } from '../roles/roles.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import { findBlock } from './aws-config.ts';
import { awsFiles, readBytes } from './aws-config-file.ts';
import { type EditOptions, editBlock } from './profile-edit.ts';
import { profileHelper } from './profile-helper.ts';
import { type ProfilePlan, planProfiles, profileLines } from './profile-plan.ts';
import { type Shadow, shadowedProfiles, shadowingVariables } from './shadowing.ts';

export interface SyncOptions extends EditOptions {
  readonly broker?: string;
  readonly template: string;
  readonly helper?: string;
  readonly prune?: boolean;
  readonly login?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** @throws CliError */
export async function syncProfiles(context: CliContext, broker: string, options: SyncOptions): Promise<void> {
  const helper = profileHelper(context, options.helper);
  const roles = await fetchRoles(createBrokerClient(context, broker));
  storeRoleNames(context, broker, roles);
  for (const { roleArn } of roles.filter((role) => commandLineWord(role.roleArn) === undefined)) {
    say(
      context,
      printable(
        `${roleArn} gets no profile: tools read its path in different ways. Use \`rolegate exec\` or \`serve\``,
      ),
    );
  }
  const files = awsFiles(context);
  const text = readBytes(files.config);
  const { template, login = false, prune = false } = options;
  const plan = planProfiles({ broker, roles, template, helper, opensBrowser: login }, findBlock(text, broker).block, {
    prune,
  });
  const names = new Set(plan.profiles.map(({ name }) => name));
  const check = (config: string) => {
    const { before, after } = findBlock(config, broker);
    const texts = { config: `${before}\n${after}`, credentials: readBytes(files.credentials) };
    refuseShadowed(shadowedProfiles(names, files, texts));
  };
  check(text);
  for (const { what, advice } of shadowingVariables(context.env)) say(context, `rolegate: ${what}: ${advice}`);
  const edit = { text, lines: profileLines(plan.profiles), check };
  const current = !options.dryRun && (await editBlock(context, broker, edit, options));
  report(context, files.config, plan, { ...options, current });
}

const maxShadows = 10;

function refuseShadowed(shadows: readonly Shadow[]): void {
  if (shadows.length === 0) return;
  const lines = shadows.slice(0, maxShadows).map(({ what, advice }) => printable(`${what}: ${advice}`));
  const more = shadows.length > maxShadows ? [`and ${shadows.length - maxShadows} more`] : [];
  const said = [...lines, ...more].map((line) => `\n  ${line}`).join('');
  throw new CliError('failed', `nothing was written, for these would be taken in place of your profiles:${said}`);
}

function report(
  context: CliContext,
  file: string,
  { profiles, added, changed, removed, stale }: ProfilePlan,
  { json, diff, dryRun, current }: SyncOptions & { current: boolean },
): void {
  if (json) {
    print(context, printableJson({ file, current, added, changed, removed, stale }));
    return;
  }
  const marks = Object.entries({ added, changed, removed });
  if (dryRun) for (const [word, names] of marks) for (const name of names) print(context, `${word} ${name}`);
  for (const name of stale) say(context, `${name} stays, though its role is gone: --prune removes it`);
  const counts = marks.filter(([, names]) => names.length > 0).map(([word, names]) => `${names.length} ${word}`);
  const total = `${profiles.length} profile${profiles.length === 1 ? '' : 's'} of this broker`;
  if (current) say(context, `${file} has ${total}: ${counts.join(', ') || 'nothing had to change'}`);
  else if (!diff && !dryRun) say(context, 'nothing was changed');
}
