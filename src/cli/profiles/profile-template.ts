// The fields of a template for profile names.
import type { RoleEntry } from '../../wire/api.ts';

export const defaultTemplate = '{alias}-{role}';

export const fields: Readonly<Record<string, (role: RoleEntry, broker: string) => string>> = {
  accountId: ({ accountId }) => accountId,
  alias: ({ accountAlias }) => accountAlias,
  name: ({ accountName }) => accountName,
  environment: ({ environment }) => environment ?? '',
  role: ({ roleName }) => roleName,
  region: ({ region }) => region ?? '',
  broker: (_, broker) => broker,
};

export const templateFields = Object.keys(fields).map((name) => `{${name}}`);
