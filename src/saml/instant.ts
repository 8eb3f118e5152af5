// xs:dateTime as SAML uses it.
import { samlRefusal } from '../errors.ts';
import type { XmlElement } from './xml-reader.ts';

// Core §1.3.3: UTC, without another time zone. A value without zone would be read as local time: refused.
const form = /^(\d{4})-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** The instant in this attribute, or undefined without the attribute. @throws BrokerError saml_refused `malformed` */
export function readInstant(element: XmlElement, attribute: string): Date | undefined {
  const value = element.attributes.get(attribute);
  if (value === undefined) return undefined;
  const year = Number(form.exec(value)?.[1] ?? 0);
  const instant = new Date(value.replace(/(\.\d{3})\d+Z$/, '$1Z'));
  // Date accepts 30 February by rolling over: the text must come back as it was written.
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().slice(0, 19) === value.slice(0, 19);
  if (year < 1970 || year > 2200 || !isReal) throw samlRefusal('malformed', `${attribute} is not an instant in UTC`);
  return instant;
}
