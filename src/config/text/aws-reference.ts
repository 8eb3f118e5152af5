// The form of a reference to a value in AWS: `aws-secret:ID?stage=LABEL#MEMBER`, `ssm:NAME` or `ssm:NAME:VERSION`.
import { createHash } from 'node:crypto';
import type { StoredValue } from '../../aws/configuration/stored-values.ts';

export interface AwsReference extends Omit<StoredValue, 'region'> {
  /** Of an ARN; undefined: that of the broker. */
  readonly region: string | undefined;
  /** Of the JSON object that the secret is. */
  readonly member: string | undefined;
}

// Names as in the references of CreateSecret (Name), GetSecretValue (VersionStage) and PutParameter (Name).
const region = '([a-z]{2,4}(?:-[a-z]+)+-\\d)';
const secret = new RegExp(
  `^(arn:aws[a-z-]*:secretsmanager:${region}:\\d{12}:secret:[\\w/+=.@-]{1,512}|[\\w/+=.@-]{1,512})(?:\\?stage=([\\w+=.@-]{1,256}))?(?:#(.+))?$`,
);
const parameter = new RegExp(
  `^(arn:aws[a-z-]*:ssm:${region}:\\d{12}:parameter/[\\w./-]{1,1011}(?::[\\w.-]{1,100})?|[\\w./-]{1,1011}(?::[\\w.-]{1,100})?)$`,
);

/** Undefined if it does not have the form. @param reference without `${` and `}` */
export function parseAwsReference(reference: string): AwsReference | undefined {
  const isSecret = reference.startsWith('aws-secret:');
  const [, id, ofArn, stage, member] = (isSecret ? secret : parameter).exec(reference.replace(/^[^:]+:/, '')) ?? [];
  if (id === undefined) return undefined;
  return { service: isSecret ? 'secretsmanager' : 'ssm', id, region: ofArn, stage, member };
}

export function formOf(reference: string): string {
  return reference.startsWith('aws-secret:')
    ? 'is not of the form aws-secret:NAME, with ?stage=LABEL and #MEMBER where needed; NAME may be an ARN'
    : 'is not of the form ssm:NAME or ssm:NAME:VERSION; NAME may be an ARN';
}

/** Takes the place of a value that is not known: long and irregular, as secrets are, and never one. */
export function standIn(reference: string): string {
  return `not-read-${createHash('sha256').update(reference).digest('base64url')}`;
}

/** What the reference means of the text that AWS gave. @throws Error that does not show the text */
export function selectMember(text: string, { member }: AwsReference): string {
  if (member === undefined) return text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the text.
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
    throw new Error(`the secret is not a JSON object, so it has no member ${member}`);
  const value: unknown = Object.hasOwn(parsed, member) ? (parsed as Record<string, unknown>)[member] : undefined;
  if (value === undefined) throw new Error(`the secret has no member ${member}`);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value === '') throw new Error(`the member ${member} is not a text, or is empty`);
  return value;
}
