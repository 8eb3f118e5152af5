// The constraints of the STS service model that several operations share.
import type { MemberRule } from './members.ts';

const ARN_TEXT = {
  regExp: /^[\t\n\r -~\u0085\u00A0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u,
  shown: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+',
};
const POLICY_TEXT = { regExp: /^[\t\n\r -\u00FF]+$/u, shown: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+' };
const NAME = { regExp: /^[\w+=,.@-]*$/, shown: '[\\w+=,.@-]*' };

export const ROLE_ARN: MemberRule = {
  name: 'RoleArn',
  isRequired: true,
  minLength: 20,
  maxLength: 2048,
  pattern: ARN_TEXT,
};
export const PRINCIPAL_ARN: MemberRule = { ...ROLE_ARN, name: 'PrincipalArn' };
export const POLICY: MemberRule = { name: 'Policy', minLength: 1, pattern: POLICY_TEXT };
export const ROLE_SESSION_NAME: MemberRule = {
  name: 'RoleSessionName',
  isRequired: true,
  minLength: 2,
  maxLength: 64,
  pattern: NAME,
};
export const SOURCE_IDENTITY: MemberRule = { name: 'SourceIdentity', minLength: 2, maxLength: 64, pattern: NAME };
export const FEDERATED_NAME: MemberRule = {
  name: 'Name',
  isRequired: true,
  minLength: 2,
  maxLength: 32,
  pattern: NAME,
};
export const EXTERNAL_ID: MemberRule = {
  name: 'ExternalId',
  minLength: 2,
  maxLength: 1224,
  pattern: { regExp: /^[\w+=,.@:/-]*$/, shown: '[\\w+=,.@:\\/-]*' },
};
export const SERIAL_NUMBER: MemberRule = {
  name: 'SerialNumber',
  minLength: 9,
  maxLength: 256,
  pattern: { regExp: /^[\w+=/:,.@-]*$/, shown: '[\\w+=/:,.@-]*' },
};
export const TOKEN_CODE: MemberRule = {
  name: 'TokenCode',
  minLength: 6,
  maxLength: 6,
  pattern: { regExp: /^[\d]*$/, shown: '[\\d]*' },
  isSensitive: true,
};

/** A role's session: a quarter of an hour to twelve hours. */
export const ROLE_DURATION: MemberRule = { name: 'DurationSeconds', minValue: 900, maxValue: 43_200 };
/** A user's session: a quarter of an hour to thirty-six hours. */
export const USER_DURATION: MemberRule = { name: 'DurationSeconds', minValue: 900, maxValue: 129_600 };
