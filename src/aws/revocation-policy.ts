// The inline policy of a role that denies sessions from before a moment: IAM User Guide, "Revoking IAM role temporary security
// credentials", for certain people instead of all. Knows the document, not who puts it where.

/** By what AWS knows whose a session is. */
export interface SessionOwner {
  /** `SourceIdentity`: `aws:SourceIdentity`; `UserId`: `aws:userid`, which ends with the session name. */
  readonly by: 'SourceIdentity' | 'UserId';
  readonly name: string;
}

export interface DeniedSessions {
  readonly owners: readonly SessionOwner[];
  /** Sessions that AWS issued before this are denied. Whole seconds, as `aws:TokenIssueTime`. */
  readonly issuedBefore: Date;
  /** From then on none of them is valid any more. */
  readonly until: Date;
}

export interface RevocationPolicy {
  readonly document: object;
  readonly until: Date;
  /** The names did not fit: it denies all sessions from before the moment. */
  readonly deniesEveryone: boolean;
}

/** What the broker's operator puts on roles and removes again; other policies are not touched. */
export const revocationPolicyName = 'rolegate-revocations';
/** IAM quotas: all inline policies of a role together, without white space. */
const maxCharacters = 10_240;

type Kind = SessionOwner['by'] | 'Everyone';
interface Denial {
  readonly kind: Kind;
  readonly names: readonly string[];
  readonly issuedBefore: Date;
  readonly until: Date;
}

/**
 * @param existing the policy in force, which this module wrote; expired statements are left out
 * @param maxLength less where the role has other inline policies
 * @returns undefined if nothing is left to deny. @throws Error if `existing` holds anything else
 */
export function revocationPolicy(
  existing: unknown,
  added: DeniedSessions | undefined,
  now: Date,
  maxLength = maxCharacters,
): RevocationPolicy | undefined {
  const denials = merged([...denialsIn(existing), ...(added ? denialsOf(added) : [])], now);
  const [first] = denials;
  if (!first) return undefined;
  const until = latest(denials.map((each) => each.until));
  const document = documentOf(denials, until);
  const isShort = JSON.stringify(document).length <= maxLength;
  if (isShort) return { document, until, deniesEveryone: denials.some(({ kind }) => kind === 'Everyone') };
  const issuedBefore = latest(denials.map((each) => each.issuedBefore));
  const all: Denial = { kind: 'Everyone', names: [], issuedBefore, until };
  return { document: documentOf([all], until), until, deniesEveryone: true };
}

function denialsOf({ owners, issuedBefore, until }: DeniedSessions): Denial[] {
  return (['SourceIdentity', 'UserId'] as const).flatMap((kind) => {
    const names = owners.filter(({ by }) => by === kind).map(({ name }) => name);
    return names.length === 0 ? [] : [{ kind, names, issuedBefore, until }];
  });
}

/** One statement for those with the same times. */
function merged(denials: readonly Denial[], now: Date): Denial[] {
  const bySid = new Map<string, Denial>();
  for (const each of denials.filter(({ until }) => until > now)) {
    const names = [...(bySid.get(sidOf(each))?.names ?? []), ...each.names];
    bySid.set(sidOf(each), { ...each, names: [...new Set(names)].sort() });
  }
  return [...bySid.values()];
}

// IAM: a Sid has letters and digits only.
const sidForm = /^(SourceIdentity|UserId|Everyone)Before(\d{8}T\d{6}Z)Until(\d{8}T\d{6}Z)$/;

function sidOf({ kind, issuedBefore, until }: Denial): string {
  return `${kind}Before${compact(issuedBefore)}Until${compact(until)}`;
}

function documentOf(denials: readonly Denial[], until: Date): object {
  return {
    Version: '2012-10-17',
    // For people: from then on the policy may be removed.
    Id: `${revocationPolicyName}-until-${seconds(until)}`,
    Statement: denials.map((each) => ({
      Sid: sidOf(each),
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { DateLessThan: { 'aws:TokenIssueTime': seconds(each.issuedBefore) }, ...ownerCondition(each) },
    })),
  };
}

// IAM condition keys: `aws:userid` of an assumed role is ROLE-ID:SESSION-NAME, of a federated user ACCOUNT:NAME. Neither * nor
// ? can be in a session name (STS API), so no name matches another.
function ownerCondition({ kind, names }: Denial): object {
  if (kind === 'Everyone') return {};
  return kind === 'SourceIdentity'
    ? { StringEquals: { 'aws:SourceIdentity': names } }
    : { StringLike: { 'aws:userid': names.map((name) => `*:${name}`) } };
}

function denialsIn(document: unknown): Denial[] {
  if (document === undefined) return [];
  const { Statement: statements } = document as { Statement?: unknown };
  const found = (Array.isArray(statements) ? statements : [statements]).map(denialIn);
  if (found.some((each) => each === undefined)) {
    throw new Error(`${revocationPolicyName} holds a statement that rolegate-server did not write: remove it by hand`);
  }
  return found.flatMap((each) => each ?? []);
}

function denialIn(statement: unknown): Denial | undefined {
  const { Sid: sid, Condition: condition } = (statement ?? {}) as { Sid?: unknown; Condition?: unknown };
  const [, kind, before, until] = sidForm.exec(String(sid)) ?? [];
  if (!isKind(kind) || !before || !until) return undefined;
  const { StringEquals: equals, StringLike: like } = (condition ?? {}) as Record<string, Record<string, unknown>>;
  const values = [equals?.['aws:SourceIdentity'] ?? like?.['aws:userid'] ?? []].flat().map(String);
  const names = kind === 'UserId' ? values.map((value) => value.replace(/^\*:/, '')) : values;
  return { kind, names, issuedBefore: expanded(before), until: expanded(until) };
}

function isKind(text: string | undefined): text is Kind {
  return text === 'SourceIdentity' || text === 'UserId' || text === 'Everyone';
}

function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}

function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function compact(date: Date): string {
  return seconds(date).replace(/[-:]/g, '');
}

function expanded(text: string): Date {
  return new Date(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
