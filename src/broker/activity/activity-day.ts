// The counters of one day.

export interface ActivityDay {
  /** UTC, such as 2026-03-02. */
  readonly date: string;
  readonly signIns: number;
  /** Credentials for programs. */
  readonly credentials: number;
  /** Console sessions. */
  readonly consoles: number;
  /** Sign-ins, roles and credentials that were refused. */
  readonly refusals: number;
  /** How often credentials or consoles were given for each role, by its ARN. */
  readonly roles: Readonly<Record<string, number>>;
}

export type ActivityCounts = Partial<Omit<ActivityDay, 'date'>>;

/** For each process and day; the uses of further roles count as `other`. */
const maxRoles = 500;

export function emptyDay(date: string): ActivityDay {
  return { date, signIns: 0, credentials: 0, consoles: 0, refusals: 0, roles: {} };
}

export function addDay(day: ActivityDay, counts: ActivityCounts): ActivityDay {
  const { signIns = 0, credentials = 0, consoles = 0, refusals = 0 } = counts;
  return {
    date: day.date,
    signIns: day.signIns + signIns,
    credentials: day.credentials + credentials,
    consoles: day.consoles + consoles,
    refusals: day.refusals + refusals,
    roles: counts.roles ? addRoles(day.roles, counts.roles) : day.roles,
  };
}

function addRoles(known: ActivityDay['roles'], added: ActivityDay['roles']): ActivityDay['roles'] {
  const roles = new Map(Object.entries(known));
  for (const [arn, count] of Object.entries(added)) {
    const name = roles.has(arn) || roles.size < maxRoles ? arn : 'other';
    roles.set(name, (roles.get(name) ?? 0) + count);
  }
  return Object.fromEntries(roles);
}
