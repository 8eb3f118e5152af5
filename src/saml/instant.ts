// xs:dateTime and xs:duration as SAML uses them.
import { samlRefusal } from '../errors.ts';
import { attributeOf, type XmlElement } from './xml/xml-tree.ts';

// Core §1.3.3: UTC, without another time zone. A value without zone would be read as local time: refused.
const form = /^(\d{4})-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** The instant in this attribute, or undefined without the attribute. @throws BrokerError saml_refused `malformed` */
export function readInstant(element: XmlElement, attribute: string): Date | undefined {
  const value = attributeOf(element, attribute);
  if (value === undefined) return undefined;
  const year = Number(form.exec(value)?.[1] ?? 0);
  const instant = new Date(value.replace(/(\.\d{3})\d+Z$/, '$1Z'));
  // Date accepts 30 February by rolling over: the text must come back as it was written.
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().slice(0, 19) === value.slice(0, 19);
  if (year < 1970 || year > 2200 || !isReal) throw samlRefusal('malformed', `${attribute} is not an instant in UTC`);
  return instant;
}

const day = 86_400_000;
const durationForm =
  /^P(?=.)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?$/;

/** The xs:duration in this attribute in milliseconds, a month taken as 30 days. @throws BrokerError saml_refused `malformed` */
export function readDuration(element: XmlElement, attribute: string): number | undefined {
  const value = attributeOf(element, attribute);
  if (value === undefined) return undefined;
  const parts = durationForm.exec(value);
  if (!parts) throw samlRefusal('malformed', `${attribute} is not a duration`);
  const units = [365 * day, 30 * day, day, day / 24, 60_000, 1000];
  return units.reduce((total, unit, index) => total + unit * Number(parts[index + 1] ?? 0), 0);
}
