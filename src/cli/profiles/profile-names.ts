// What a profile is called: a template over the role's names, in letters that every SDK reads, one name for one role.
import { createHash } from 'node:crypto';
import type { RoleEntry } from '../../wire/api.ts';
import { CliError } from '../machine/errors.ts';
import { printable } from '../machine/printable.ts';
import { fields, templateFields } from './profile-template.ts';

/**
 * Name by ARN. The same for the same roles, in whatever order they come: of several that would have one name, all get the
 * account's id behind it, and if that does not tell them apart, a piece of their ARN's hash.
 * @param broker its host name
 * @throws CliError usage, for a template that is none
 */
export function nameProfiles(roles: readonly RoleEntry[], template: string, broker: string): Map<string, string> {
  const unknown = [...template.matchAll(/\{([^}]*)\}/g)]
    .map(([, name]) => name!)
    .filter((name) => !Object.hasOwn(fields, name));
  if (unknown.length > 0) {
    throw new CliError(
      'usage',
      `{${printable(unknown[0]!)}} is not a field of a template; use ${templateFields.join(', ')}`,
    );
  }
  if (!/\{\w+\}/.test(template)) throw new CliError('usage', `a template needs a field: ${templateFields.join(', ')}`);
  const plain = new Map(
    roles.map((role) => {
      // Spaces and brackets are read differently by different SDKs: letters, digits and `.@+_-` are not.
      const name = template
        .replace(/\{(\w+)\}/g, (_, field: string) => fields[field]!(role, broker))
        .replace(/[^\w.@+-]+/g, '-')
        .replace(/-{2,}/g, '-')
        .replace(/^[-.]+|[-.]+$/g, '')
        .slice(0, maxLength);
      if (name === '') throw new CliError('usage', `the template gives no name for ${role.roleArn}`);
      return [role.roleArn, name];
    }),
  );
  const withAccount = distinguish(plain, roles, ({ accountId }) => accountId);
  return distinguish(withAccount, roles, ({ roleArn }) =>
    createHash('sha256').update(roleArn).digest('hex').slice(0, 8),
  );
}

const maxLength = 128;

function distinguish(
  names: ReadonlyMap<string, string>,
  roles: readonly RoleEntry[],
  mark: (role: RoleEntry) => string,
): Map<string, string> {
  const counts = new Map<string, number>();
  for (const name of names.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    roles.map((role) => {
      const name = names.get(role.roleArn)!;
      return [role.roleArn, counts.get(name) === 1 ? name : `${name}-${mark(role)}`];
    }),
  );
}
