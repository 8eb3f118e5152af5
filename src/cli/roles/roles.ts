// The roles that the broker offers a person, and which of them is meant.
import { preferences, type RoleEntry, roles as rolesAnswer } from '../../wire/api.ts';
import { readRoleArn } from '../../wire/role-arn.ts';
import { type CliContext, say } from '../machine/context.ts';
import { CliError, failureText } from '../machine/errors.ts';
import { writeKnownRoles } from '../machine/known-roles.ts';
import { printable } from '../machine/printable.ts';
import { type BrokerClient, createBrokerClient } from '../sign-in/broker-client.ts';
import { inOrderOfUse, namedExactly, rolesLike, rolesWithWords, searchRoles, shortName } from './role-match.ts';
import { pickRole } from './role-picker.ts';

export async function fetchRoles(client: BrokerClient): Promise<readonly RoleEntry[]> {
  const { roles } = await client.get('/api/v1/roles', rolesAnswer);
  // It also goes into command lines.
  const odd = roles.find(({ roleArn }) => readRoleArn(roleArn) === undefined);
  if (odd) throw new CliError('failed', `the broker names a role that cannot be one: ${printable(odd.roleArn)}`);
  return roles;
}

/**
 * The role that a query names: by ARN, account/role or alias/role. Anything else is a search, which needs a person: in a
 * terminal the only role that has all the words is taken and named, and of several the person picks.
 * @param query undefined where no role was given
 * @throws CliError usage, without a terminal to choose at; denied, without such a role
 */
export async function chooseRole(
  context: CliContext,
  client: BrokerClient,
  query: string | undefined,
): Promise<RoleEntry> {
  const name = query?.trim();
  // `--role "$UNSET"` and `--role "$(rolegate pick)"` after Ctrl-C: not the same as no --role.
  if (name === '') throw new CliError('usage', 'the role is empty: give its ARN, or account/role');
  const roles = await fetchRoles(client);
  storeRoleNames(context, client.broker, roles);
  const exact = name === undefined ? [] : namedExactly(roles, name);
  if (exact.length === 1) return exact[0]!;
  // A name that is not there today must not become another account's role.
  const isName = name !== undefined && (name.includes('/') || name.startsWith('arn:'));
  const fitting = exact.length > 0 ? exact : isName ? [] : searchRoles(roles, name ?? '');
  if (fitting.length === 0) throw unknownRole(roles, name ?? '', client.broker);
  const withWords = exact.length > 0 ? exact : rolesWithWords(roles, name ?? '');
  if (context.isInteractive && withWords.length === 1) {
    const [role] = withWords as [RoleEntry];
    say(context, `rolegate: ${printable(`${shortName(role)} (${role.accountId})`)}`);
    return role;
  }
  const used = await client.get('/api/v1/preferences', preferences);
  if (!context.isInteractive) throw needsName(inOrderOfUse(fitting, used), name, exact.length > 0);
  // Every role can still be found by typing; the field starts with the query.
  return exact.length > 0
    ? pickRole(context, inOrderOfUse(exact, used), '')
    : pickRole(context, inOrderOfUse(roles, used), name ?? '');
}

/** An ARN as it is, which needs no broker; anything else as `chooseRole`. */
export async function resolveRoleArn(context: CliContext, broker: string, query: string): Promise<string> {
  if (query.startsWith('arn:')) return query;
  return (await chooseRole(context, createBrokerClient(context, broker), query)).roleArn;
}

function unknownRole(roles: readonly RoleEntry[], name: string, broker: string): CliError {
  const { host } = new URL(broker);
  if (roles.length === 0) return new CliError('denied', `you have no roles at ${host}: ask your administrators`);
  const near = rolesLike(roles, name).slice(0, 3).map(shortName);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`rolegate roles` lists those you have';
  return new CliError('denied', printable(`you have no role "${name}" at ${host}: ${hint}`));
}

const maxCandidates = 10;

function needsName(candidates: readonly RoleEntry[], name: string | undefined, isExact: boolean): CliError {
  const lines = candidates.slice(0, maxCandidates).map((role) => `\n  ${printable(shortName(role))}`);
  const more = candidates.length > maxCandidates ? `\n  and ${candidates.length - maxCandidates} more` : '';
  const quoted = `"${printable(name ?? '')}"`;
  const what = isExact
    ? `${quoted} means several roles.`
    : `${quoted} is not the name of a role, and without a terminal only names count.`;
  const which = name === undefined ? 'which role?' : what;
  return new CliError('usage', `${which} Give one of these names, or its ARN:${lines.join('')}${more}`);
}

/** For completion and for names without the network: the roles of the last list. */
export function storeRoleNames(context: CliContext, broker: string, roles: readonly RoleEntry[]): void {
  const known = roles.map((role) => ({
    roleArn: role.roleArn,
    name: printable(shortName(role)),
    ...(role.region ? { region: role.region } : {}),
  }));
  try {
    writeKnownRoles(context, broker, known);
  } catch (error) {
    // A full or read-only disk costs the completion, and nothing else.
    say(context, `rolegate: ${failureText(error)}`);
  }
}
