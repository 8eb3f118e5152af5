// Conditions: when, and for whom, the assertion holds.
import { requireSaml, samlRefusal } from '../errors.ts';
import { quoted } from '../quoted.ts';
import type { Expectations } from './expectations.ts';
import { readInstant } from './instant.ts';
import { ns } from './names.ts';
import { collapseSpace } from './xml/xml-characters.ts';
import { attributeOf, childrenOf, onlyChild, type XmlElement } from './xml/xml-tree.ts';

const known = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']);

/** @throws BrokerError saml_refused `malformed`, `not_yet_valid`, `expired` or `audience` */
export function checkConditions(assertion: XmlElement, expected: Expectations, now: Date): void {
  const conditions = onlyChild(assertion, ns.assertion, 'Conditions');
  if (!conditions) throw samlRefusal('audience', 'no Conditions');
  checkTimes(conditions, expected.clockSkewMs, now);
  for (const condition of conditions.children) {
    // Core §2.5.1: a condition that is not understood makes the assertion's validity unknown.
    const isKnown = condition.namespace === ns.assertion && known.has(condition.name);
    requireSaml(isKnown, 'malformed', 'unknown condition');
    const mayIssue = condition.name !== 'ProxyRestriction' || allowsIssuing(condition);
    requireSaml(mayIssue, 'audience', 'ProxyRestriction forbids further assertions');
  }
  checkAudience(conditions, expected.spEntityId);
}

// Core §2.5.1.6: with Count 0, however the number is written, nothing may be issued on the ground of this assertion, and we
// mint. Stricter than Core: a list of allowed audiences refuses too, since AWS is not one that an IdP would name.
function allowsIssuing(restriction: XmlElement): boolean {
  const count = attributeOf(restriction, 'Count');
  return restriction.children.length === 0 && (count === undefined || /^\s*\+?0*[1-9]\d*\s*$/.test(count));
}

function checkTimes(conditions: XmlElement, skewMs: number, now: Date): void {
  const notBefore = readInstant(conditions, 'NotBefore');
  const notOnOrAfter = readInstant(conditions, 'NotOnOrAfter');
  if (!notOnOrAfter) throw samlRefusal('malformed', 'Conditions without NotOnOrAfter');
  if (notBefore) {
    const later = { received: notBefore.toISOString(), expected: `before ${now.toISOString()}` };
    requireSaml(now.getTime() >= notBefore.getTime() - skewMs, 'not_yet_valid', 'Conditions are not valid yet', later);
    // However long: the age of the assertion and its bearer confirmation limit its use, and it is used once.
    requireSaml(notOnOrAfter.getTime() > notBefore.getTime(), 'malformed', 'Conditions have an empty validity period');
  }
  const ended = { received: notOnOrAfter.toISOString(), expected: `after ${now.toISOString()}` };
  requireSaml(now.getTime() < notOnOrAfter.getTime() + skewMs, 'expired', 'Conditions have expired', ended);
}

// Core §2.5.1.4: every AudienceRestriction must hold, each by one of its audiences. Exact comparison.
function checkAudience(conditions: XmlElement, spEntityId: string): void {
  const restrictions = childrenOf(conditions, ns.assertion, 'AudienceRestriction');
  requireSaml(restrictions.length > 0, 'audience', 'no AudienceRestriction');
  for (const restriction of restrictions) {
    const texts = childrenOf(restriction, ns.assertion, 'Audience').map((audience) => audience.text);
    // Core §2.5.1.4: xs:anyURI, so white space collapses (Datatypes §3.2.17).
    const facts = { received: texts.slice(0, 3).map(quoted).join(', '), expected: quoted(spEntityId) };
    requireSaml(texts.map(collapseSpace).includes(spEntityId), 'audience', 'we are not the audience', facts);
  }
}
