// Session tags of a signed call, row B4: the constraints of tags and transitive keys, and what a chained session inherits.

import { AwsError, validationError } from '../errors.ts';
import type { Principal, Tag } from './credentials.ts';
import { listMembers, type Params, refuseProblems, valueProblems } from './members.ts';

/** The tags of a session. */
export interface SessionTags {
  readonly tags: readonly Tag[];
  readonly transitiveTagKeys: readonly string[];
}

const MAX_TAGS = 50;
const KEY = {
  minLength: 1,
  maxLength: 128,
  pattern: { regExp: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u, shown: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' },
};
const VALUE = {
  minLength: 0,
  maxLength: 256,
  pattern: { regExp: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, shown: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*' },
};

/** Reads `Tags` and `TransitiveTagKeys` of a call. @throws AwsError m14, m15 and the tag errors of B4 */
export function readSessionTags(params: Params): SessionTags {
  const keys = listMembers(params, 'Tags', 'Key');
  const values = listMembers(params, 'Tags', 'Value');
  const transitiveTagKeys = listMembers(params, 'TransitiveTagKeys');
  refuseProblems([
    ...tooMany('tags', keys),
    ...keys.flatMap((key, index) => valueProblems(`tags.${index + 1}.member.key`, key, KEY)),
    ...values.flatMap((value, index) => valueProblems(`tags.${index + 1}.member.value`, value, VALUE)),
    ...tooMany('transitiveTagKeys', transitiveTagKeys),
  ]);
  if (keys.length !== values.length) throw validationError('Unable to validate tags');
  const tags = keys.map((key, index): Tag => [key, values[index] ?? '']);
  return checkSessionTags({ tags, transitiveTagKeys });
}

function tooMany(path: string, values: readonly string[]): string[] {
  if (values.length <= MAX_TAGS) return [];
  return [
    `Value '[${values.join(', ')}]' at '${path}' failed to satisfy constraint: Member must have length less than or equal to ${MAX_TAGS}`,
  ];
}

/** The rules between tags, wherever they came from. @throws AwsError */
export function checkSessionTags(session: SessionTags): SessionTags {
  const keys = new Set(session.tags.map(([key]) => key.toLowerCase()));
  if ([...keys].some((key) => key.startsWith('aws:'))) throw validationError('Unable to validate tags');
  if (keys.size !== session.tags.length) {
    throw invalidParameter('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (session.transitiveTagKeys.some((key) => !keys.has(key.toLowerCase()))) {
    throw invalidParameter('The specified transitive tag key must be included in the requested tags.');
  }
  return session;
}

/** Adds what the caller's session hands on. @throws AwsError when a requested tag would change one of those */
export function inheritTags(requested: SessionTags, caller: Principal): SessionTags {
  const handedOn = new Set((caller.transitiveTagKeys ?? []).map((key) => key.toLowerCase()));
  if (requested.tags.some(([key]) => handedOn.has(key.toLowerCase()))) {
    throw invalidParameter(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  const inherited = (caller.tags ?? []).filter(([key]) => handedOn.has(key.toLowerCase()));
  return {
    tags: [...inherited, ...requested.tags],
    transitiveTagKeys: [...(caller.transitiveTagKeys ?? []), ...requested.transitiveTagKeys],
  };
}

/** The condition keys of what a call asks for; inherited tags are the caller's, not the request's. */
export function tagContext({ tags, transitiveTagKeys }: SessionTags): [string, readonly string[]][] {
  return [
    ...tags.map(([key, value]): [string, string[]] => [`aws:requesttag/${key.toLowerCase()}`, [value]]),
    ...(tags.length === 0 ? [] : [['aws:tagkeys', tags.map(([key]) => key)] as [string, string[]]]),
    ...(transitiveTagKeys.length === 0 ? [] : [['sts:transitivetagkeys', transitiveTagKeys] as [string, string[]]]),
  ];
}

function invalidParameter(message: string): AwsError {
  return new AwsError(400, 'InvalidParameterValue', message);
}
