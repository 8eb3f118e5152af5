// xs:dateTime and xs:duration as SAML uses them.
import { samlRefusal } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { collapseSpace } from './xml/xml-characters.ts';
import { attributeOf, type XmlElement } from './xml/xml-tree.ts';

// Core §1.3.3: UTC, without another time zone. A value without zone would be read as local time: refused.
const form = /^(\d{4})-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,30})?Z$/;

/**
 * The instant in this attribute, or undefined without the attribute. .NET writes 0001-01-01 for "since ever" and 9999-12-31
 * for "without end".
 * @throws BrokerError saml_refused `malformed`
 */
export function readInstant(element: XmlElement, attribute: string): Date | undefined {
  const written = attributeOf(element, attribute);
  if (written === undefined) return undefined;
  // Datatypes §3.2.7: xs:dateTime collapses white space.
  const value = collapseSpace(written);
  const year = Number(form.exec(value)?.[1] ?? 0);
  const instant = new Date(value.replace(/(\.\d{3})\d+Z$/, '$1Z'));
  // Date accepts 30 February by rolling over: the text must come back as it was written.
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().slice(0, 19) === value.slice(0, 19);
  if (year < 1 || !isReal) {
    throw samlRefusal('malformed', `${attribute} is not an instant in UTC`, { received: quoted(written) });
  }
  return instant;
}

const day = 86_400_000;
const durationForm = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/;

/** The xs:duration in this attribute in milliseconds, a month taken as 30 days. @throws BrokerError saml_refused `malformed` */
export function readDuration(element: XmlElement, attribute: string): number | undefined {
  const written = attributeOf(element, attribute);
  if (written === undefined) return undefined;
  const parts = durationForm.exec(collapseSpace(written));
  if (!parts) throw samlRefusal('malformed', `${attribute} is not a duration`, { received: quoted(written) });
  const units = [365 * day, 30 * day, day, day / 24, 60_000, 1000];
  const total = units.reduce((sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0), 0);
  return Math.min(total, Number.MAX_SAFE_INTEGER);
}
