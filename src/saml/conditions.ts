// Conditions: when, and for whom, the assertion holds.
import { requireSaml, samlRefusal } from '../errors.ts';
import type { Expectations } from './expectations.ts';
import { readInstant } from './instant.ts';
import { ns } from './names.ts';
import { attributeOf, childrenOf, onlyChild, type XmlElement } from './xml/xml-tree.ts';

/** AD FS gives 60 minutes (TokenLifetime); an assertion that holds for longer than a day is not a sign-in. */
const maxWindowMs = 24 * 60 * 60_000;

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
    requireSaml(now.getTime() >= notBefore.getTime() - skewMs, 'not_yet_valid', 'Conditions hold later');
    const window = notOnOrAfter.getTime() - notBefore.getTime();
    requireSaml(window > 0 && window <= maxWindowMs, 'malformed', 'Conditions hold for no time or too long');
  }
  requireSaml(now.getTime() < notOnOrAfter.getTime() + skewMs, 'expired', 'Conditions have expired');
}

// Core §2.5.1.4: every AudienceRestriction must hold, each by one of its audiences. Exact comparison.
function checkAudience(conditions: XmlElement, spEntityId: string): void {
  const restrictions = childrenOf(conditions, ns.assertion, 'AudienceRestriction');
  requireSaml(restrictions.length > 0, 'audience', 'no AudienceRestriction');
  for (const restriction of restrictions) {
    const audiences = childrenOf(restriction, ns.assertion, 'Audience').map((audience) => audience.text);
    requireSaml(audiences.includes(spEntityId), 'audience', 'we are not the audience');
  }
}
