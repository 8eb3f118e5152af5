// Finds records in audit files: by person, role, key, assertion and time.
import { z } from 'zod';

export interface AuditQuery {
  /** Without regard to case; also who a record is about. */
  readonly user?: string | undefined;
  /** An ARN, or `ACCOUNT/NAME`, or a role's name. */
  readonly role?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /** CloudTrail's sAMLAssertionID, or the identity provider's assertion. */
  readonly assertionId?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

const text = z.string().optional();
const foundShape = z.looseObject({
  audit: z.number(),
  time: z.string(),
  event: z.string(),
  chain: z.string(),
  user: text,
  about: text,
  roleArn: text,
  otherRoleArns: z.array(z.string()).optional(),
  accessKeyId: text,
  assertionId: text,
  signInAssertionId: text,
});
export type FoundRecord = Readonly<z.output<typeof foundShape>>;

/** @returns what a line says if the query matches it */
export function createSearch(query: AuditQuery): (line: string) => FoundRecord | undefined {
  const [from, to] = [
    query.from?.getTime() ?? Number.NEGATIVE_INFINITY,
    query.to?.getTime() ?? Number.POSITIVE_INFINITY,
  ];
  const user = query.user?.toLowerCase();
  const isUser = (name: string | undefined) => name?.toLowerCase() === user;
  return (line) => {
    const record = line.startsWith('{"audit":') ? parse(line) : undefined;
    if (!record) return undefined;
    const at = Date.parse(record.time);
    const { roleArn, otherRoleArns = [], accessKeyId, assertionId, signInAssertionId } = record;
    const roles = [...(roleArn === undefined ? [] : [roleArn]), ...otherRoleArns];
    const isFound =
      at >= from &&
      at < to &&
      (user === undefined || isUser(record.user) || isUser(record.about)) &&
      (query.role === undefined || roles.some((arn) => isRole(arn, query.role!))) &&
      (query.accessKeyId === undefined || accessKeyId === query.accessKeyId) &&
      (query.assertionId === undefined || [assertionId, signInAssertionId].includes(query.assertionId));
    return isFound ? record : undefined;
  };
}

function parse(line: string): FoundRecord | undefined {
  try {
    return foundShape.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** arn:aws:iam::111122223333:role/path/Admin */
function isRole(arn: string, wanted: string): boolean {
  if (arn === wanted) return true;
  const [, account = '', path = ''] = /^arn:[\w-]+:iam::(\d{12}):role\/(.+)$/.exec(arn) ?? [];
  const name = path.split('/').at(-1);
  return name !== '' && [name, `${account}/${name}`, `${account}/${path}`].some((each) => each === wanted);
}
