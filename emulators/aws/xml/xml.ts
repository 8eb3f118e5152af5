// Renders STS and IAM answers and errors: Query-protocol XML, or JSON when the caller accepts only that.
import type { AwsError } from '../errors.ts';
import { isoSeconds } from '../world.ts';

/** A value in an answer; structures are lists of pairs because the order of elements is part of the answer. */
type AnswerValue = string | number | Date | AnswerMembers;
/** Named members in wire order; undefined ones are left out. */
export interface AnswerMembers extends ReadonlyArray<readonly [string, AnswerValue | undefined]> {}

/** A rendered body with its media type. */
export interface Rendered {
  readonly contentType: string;
  readonly body: string;
}

/** How an answer is written. */
export interface AnswerForm {
  readonly service: 'sts' | 'iam';
  readonly requestId: string;
  readonly asJson: boolean;
}

const NAMESPACES = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
};

/** The answer of a successful operation. */
export function renderAnswer(action: string, members: AnswerMembers, form: AnswerForm): Rendered {
  const content: AnswerMembers = [
    [`${action}Result`, members],
    ['ResponseMetadata', [['RequestId', form.requestId]]],
  ];
  if (form.asJson) return json({ [`${action}Response`]: toJson(content) });
  return xml(`<${action}Response xmlns="${NAMESPACES[form.service]}">\n${toXml(content, 1)}</${action}Response>\n`);
}

/** An error answer; a 5xx is the receiver's fault. */
export function renderError(error: AwsError, form: AnswerForm): Rendered {
  const members: AnswerMembers = [
    ['Type', error.status >= 500 ? 'Receiver' : 'Sender'],
    ['Code', error.code],
    ['Message', error.message],
  ];
  const content: AnswerMembers = [
    ['Error', members],
    ['RequestId', form.requestId],
  ];
  if (form.asJson) return json(toJson(content));
  return xml(`<ErrorResponse xmlns="${NAMESPACES[form.service]}">\n${toXml(content, 1)}</ErrorResponse>\n`);
}

function toXml(members: AnswerMembers, depth: number): string {
  const indent = '  '.repeat(depth);
  return members
    .map(([name, value]) => {
      if (value === undefined) return '';
      if (isMembers(value)) return `${indent}<${name}>\n${toXml(value, depth + 1)}${indent}</${name}>\n`;
      const text = value instanceof Date ? isoSeconds(value) : String(value);
      return `${indent}<${name}>${escapeXml(text)}</${name}>\n`;
    })
    .join('');
}

function toJson(members: AnswerMembers): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of members) {
    if (value === undefined) continue;
    // The service writes times as seconds since 1970 in JSON.
    if (isMembers(value)) result[name] = toJson(value);
    else result[name] = value instanceof Date ? value.getTime() / 1000 : value;
  }
  return result;
}

function isMembers(value: AnswerValue): value is AnswerMembers {
  return Array.isArray(value);
}

/** Text for element content and attribute values; what XML 1.0 cannot carry becomes a question mark. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r -\uFFFD]|\uFFFE|\uFFFF/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function xml(body: string): Rendered {
  return { contentType: 'text/xml', body };
}

function json(value: unknown): Rendered {
  return { contentType: 'application/json', body: JSON.stringify(value) };
}
