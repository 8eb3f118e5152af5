// What the AWS claims of an ID token ask for: session tags and source identity.

import { invalidIdentityToken, validationError } from '../errors.ts';
import { isRecord } from '../policy/policy-values.ts';
import type { Tag } from '../sts/credentials.ts';
import { checkSessionTags, type SessionTags } from '../sts/session-tags.ts';

const TAGS = 'https://aws.amazon.com/tags';
const SOURCE_IDENTITY = 'https://aws.amazon.com/source_identity';
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const MAX_TAGS = 50;

/** Reads `https://aws.amazon.com/tags`: `principal_tags` with one value each, and `transitive_tag_keys`. @throws AwsError */
export function readClaimedTags(claims: Readonly<Record<string, unknown>>): SessionTags {
  const claim = claims[TAGS];
  if (claim === undefined) return { tags: [], transitiveTagKeys: [] };
  const { principal_tags: principal = {}, transitive_tag_keys: keys = [] } = isRecord(claim) ? claim : {};
  if (!isRecord(claim) || !isRecord(principal) || !isTextList(keys)) throw validationError('Unable to validate tags');
  const tags = Object.entries(principal).map(([key, value]): Tag => {
    const [text, ...more] = Array.isArray(value) ? value : [value];
    const isUsable = typeof text === 'string' && more.length === 0 && TAG_KEY.test(key) && TAG_VALUE.test(text);
    if (!isUsable) throw validationError('Unable to validate tags');
    return [key, text];
  });
  if (tags.length > MAX_TAGS) throw validationError('Unable to validate tags');
  return checkSessionTags({ tags, transitiveTagKeys: keys });
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** @throws AwsError m8 in the words for this token */
export function readClaimedSourceIdentity(claims: Readonly<Record<string, unknown>>): string | undefined {
  const value = claims[SOURCE_IDENTITY];
  if (value === undefined) return undefined;
  const isLegal = typeof value === 'string' && /^[a-zA-Z_0-9+=,.@-]{2,64}$/.test(value) && !value.startsWith('aws:');
  if (isLegal) return value;
  throw invalidIdentityToken('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"');
}
