// Rows A15 to A18: the AWS attributes of a verified assertion.
import { AwsError, invalidIdentityToken, validationError } from '../errors.ts';
import { partitionNames } from '../hosts.ts';
import { attributeOf, childrenNamed, textOf, type XmlElement } from '../xml/xml-tree.ts';

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SESSION_NAME = /^[a-zA-Z_0-9+=,.@-]{2,64}$/;
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const MAX_TAGS = 50;

/** What the attributes ask for. */
export interface AwsAttributes {
  readonly roleSessionName: string;
  readonly sourceIdentity: string | undefined;
  readonly tags: readonly (readonly [string, string])[];
  readonly transitiveTagKeys: readonly string[];
  /** Values of `Role`, as sent. */
  readonly rolePairs: readonly string[];
  readonly sessionDurationSeconds: number | undefined;
}

interface NamedValues {
  /** Name without the AWS prefix. */
  readonly name: string;
  readonly values: readonly string[];
}

/** Reads and checks the attributes. @throws AwsError */
export function readAwsAttributes(assertion: XmlElement, partition: string): AwsAttributes {
  const attributes = awsAttributes(assertion, partition);
  const valuesOf = (name: string): string[] =>
    attributes.filter((attribute) => attribute.name === name).flatMap((attribute) => attribute.values);
  const roleSessionName = readSessionName(valuesOf('RoleSessionName'));
  const sourceIdentity = readSourceIdentity(valuesOf('SourceIdentity'));
  const transitiveTagKeys = valuesOf('TransitiveTagKeys');
  return {
    roleSessionName,
    sourceIdentity,
    tags: readTags(attributes, transitiveTagKeys),
    transitiveTagKeys,
    rolePairs: valuesOf('Role'),
    sessionDurationSeconds: readSessionDuration(valuesOf('SessionDuration')),
  };
}

/** The `ROLE_ARN,PROVIDER_ARN` values, before anything is checked: the sign-in page needs them to find the provider. */
export function readRolePairs(assertion: XmlElement, partition: string): string[] {
  return awsAttributes(assertion, partition)
    .filter((attribute) => attribute.name === 'Role')
    .flatMap((attribute) => attribute.values);
}

/** Splits a Role value into role and provider; both orders are in use, and some IdPs put blanks around the comma. */
export function splitRolePair(value: string): { roleArn: string; principalArn: string } | undefined {
  const parts = value.split(',').map((part) => part.trim());
  const roleArn = parts.find((part) => /^arn:[\w-]+:iam::[0-9]{12}:role\//.test(part));
  const principalArn = parts.find((part) => /^arn:[\w-]+:iam::[0-9]{12}:saml-provider\//.test(part));
  if (parts.length !== 2 || roleArn === undefined || principalArn === undefined) return undefined;
  return { roleArn, principalArn };
}

function awsAttributes(assertion: XmlElement, partition: string): NamedValues[] {
  const prefixes = partitionNames(partition).attributePrefixes;
  const found: NamedValues[] = [];
  for (const statement of childrenNamed(assertion, SAML, 'AttributeStatement')) {
    for (const attribute of childrenNamed(statement, SAML, 'Attribute')) {
      const name = attributeOf(attribute, 'Name') ?? '';
      const prefix = prefixes.find((candidate) => name.startsWith(candidate));
      const values = childrenNamed(attribute, SAML, 'AttributeValue').map(textOf);
      if (prefix !== undefined) found.push({ name: name.slice(prefix.length), values });
    }
  }
  return found;
}

/** A15. */
function readSessionName(values: readonly string[]): string {
  const [name] = values;
  if (name === undefined) throw invalidIdentityToken('RoleSessionName is required in AuthnResponse');
  if (values.length === 1 && SESSION_NAME.test(name)) return name;
  throw invalidIdentityToken('RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}');
}

/** A16. */
function readSourceIdentity(values: readonly string[]): string | undefined {
  const [identity] = values;
  if (identity === undefined) return undefined;
  if (values.length === 1 && SESSION_NAME.test(identity) && !identity.startsWith('aws:')) return identity;
  throw invalidIdentityToken('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"');
}

/** A17, A18. */
function readTags(attributes: readonly NamedValues[], transitiveKeys: readonly string[]): [string, string][] {
  const tags: [string, string][] = [];
  for (const { name, values } of attributes.filter((attribute) => attribute.name.startsWith('PrincipalTag:'))) {
    const key = name.slice('PrincipalTag:'.length);
    const [value] = values;
    const isReserved = key.toLowerCase().startsWith('aws:');
    if (values.length !== 1 || value === undefined || isReserved || !TAG_KEY.test(key) || !TAG_VALUE.test(value)) {
      throw validationError('Unable to validate tags');
    }
    tags.push([key, value]);
  }
  if (tags.length > MAX_TAGS) throw validationError('Unable to validate tags');
  const keys = new Set(tags.map(([key]) => key.toLowerCase()));
  if (keys.size !== tags.length) {
    throw invalidParameter('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (transitiveKeys.some((key) => !keys.has(key.toLowerCase()))) {
    throw invalidParameter('The specified transitive tag key must be included in the requested tags.');
  }
  return tags;
}

/** No public text exists for this one; the range is documented. */
function readSessionDuration(values: readonly string[]): number | undefined {
  const [text] = values;
  if (text === undefined) return undefined;
  const seconds = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (values.length === 1 && seconds >= 900 && seconds <= 43_200) return seconds;
  throw invalidIdentityToken('SessionDuration in AuthnResponse must be an integer between 900 and 43200');
}

function invalidParameter(message: string): AwsError {
  return new AwsError(400, 'InvalidParameterValue', message);
}
