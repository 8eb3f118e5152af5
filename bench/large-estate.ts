// An estate of any size for measurements: every account with the same five roles, for every member of one group.

export const roleNames = ['Admin', 'Developer', 'Operator', 'ReadOnly', 'Support'];

/** Accounts and rules for a configuration; everyone in the sample company is in the default group. */
export function largeEstate(accountCount: number, group = 'CORP\\Domain Users') {
  const accounts = Array.from({ length: accountCount }, (_, index) => ({
    id: String(100_000_000_000 + index),
    alias: `team-${index}-${index % 3 === 0 ? 'prod' : 'dev'}`,
    name: `Team ${index} ${index % 3 === 0 ? 'Production' : 'Development'}`,
    environment: index % 3 === 0 ? 'production' : 'development',
    owner: `team-${index}@corp.example`,
    labels: [`label-${index % 40}`],
  }));
  const aliases = accounts.map(({ alias }) => alias);
  const rules = roleNames.map((role) => ({
    name: `everybody is ${role}`,
    when: { group },
    grant: { accounts: aliases, role, description: `What ${role} is for.` },
  }));
  return { accounts, rules };
}
