// Rows A15 to A18: the AWS attributes of a validly signed assertion, each with one thing wrong.
import { describe } from 'vitest';
import { type AcceptedCase, type Expected, type RefusedCase, runCases, withAttributes } from '../support/saml-cases.ts';

const SESSION_NAME: Expected = [
  400,
  'InvalidIdentityToken',
  'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}',
];
const SOURCE_IDENTITY: Expected = [
  400,
  'InvalidIdentityToken',
  'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
];
const TAGS: Expected = [400, 'ValidationError', 'Unable to validate tags'];
const DURATION: Expected = [400, 'InvalidIdentityToken', 'SessionDuration in AuthnResponse must be'];

const refused: readonly RefusedCase[] = [
  [
    'A15 no RoleSessionName',
    withAttributes({ RoleSessionName: [] }),
    [400, 'InvalidIdentityToken', 'RoleSessionName is required in AuthnResponse'],
  ],
  ['A15 a blank in RoleSessionName', withAttributes({ RoleSessionName: ['alice smith'] }), SESSION_NAME],
  ['A15 one character', withAttributes({ RoleSessionName: ['a'] }), SESSION_NAME],
  ['A15 65 characters', withAttributes({ RoleSessionName: ['a'.repeat(65)] }), SESSION_NAME],
  ['A15 two values', withAttributes({ RoleSessionName: ['alice', 'bob'] }), SESSION_NAME],
  ['A15 a line feed at the end', withAttributes({ RoleSessionName: ['alice\n'] }), SESSION_NAME],
  ['A16 SourceIdentity of one character', withAttributes({ SourceIdentity: ['a'] }), SOURCE_IDENTITY],
  ['A16 SourceIdentity with aws:', withAttributes({ SourceIdentity: ['aws:alice'] }), SOURCE_IDENTITY],
  ['A17 a value of 257 characters', withAttributes({ 'PrincipalTag:team': ['v'.repeat(257)] }), TAGS],
  ['A17 a key of 129 characters', withAttributes({ [`PrincipalTag:${'k'.repeat(129)}`]: ['v'] }), TAGS],
  ['A17 an illegal character', withAttributes({ 'PrincipalTag:team': ['a;b'] }), TAGS],
  ['A17 two values', withAttributes({ 'PrincipalTag:team': ['a', 'b'] }), TAGS],
  ['A17 a reserved key', withAttributes({ 'PrincipalTag:AWS:x': ['a'] }), TAGS],
  ['A17 51 tags', withAttributes(tags(51)), TAGS],
  [
    'A18 keys that differ in case only',
    withAttributes({ 'PrincipalTag:team': ['a'], 'PrincipalTag:Team': ['b'] }),
    [400, 'InvalidParameterValue', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'],
  ],
  [
    'A18 a transitive key that is no tag',
    withAttributes({ 'PrincipalTag:team': ['a'], TransitiveTagKeys: ['cost'] }),
    [400, 'InvalidParameterValue', 'The specified transitive tag key must be included in the requested tags.'],
  ],
  ['SessionDuration of 899', withAttributes({ SessionDuration: ['899'] }), DURATION],
  ['SessionDuration that is no integer', withAttributes({ SessionDuration: ['3600.5'] }), DURATION],
];

const accepted: readonly AcceptedCase[] = [
  ['names of 2 and of 64 characters', withAttributes({ RoleSessionName: ['ab'], SourceIdentity: ['a'.repeat(64)] })],
  ['every legal sign in a name', withAttributes({ RoleSessionName: ['a_Z09+=,.@-'] })],
  [
    'a tag value of 256 characters, and an empty one',
    withAttributes({ 'PrincipalTag:a': ['v'.repeat(256)], 'PrincipalTag:b': [''] }),
  ],
  ['letters of any script and blanks in a tag', withAttributes({ 'PrincipalTag:Größe 1': ['Zürich 日本'] })],
  ['50 tags with transitive ones', withAttributes({ ...tags(50), TransitiveTagKeys: ['k1', 'K2'] })],
];

describe('rows A15 to A18', () => runCases(refused, accepted));

function tags(count: number): Record<string, string[]> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`PrincipalTag:k${index}`, ['v']]));
}
