import { describe } from 'vitest';
import { keyPair } from '../support/key-pairs.ts';
import { testAcceptances, testRefusals } from './support/refusals.ts';
import { at, audienceRestriction, conditionsElement, spEntityId } from './support/response-builder.ts';

const key = keyPair('idp-signing');

const other = 'https://other.example.com/saml/metadata';
const ours = audienceRestriction(spEntityId);
const withTimes = (attributes: Record<string, string | undefined>) => ({ conditions: conditionsElement(attributes) });
const withContent = (content: string) => ({ conditions: conditionsElement({}, content) });

describe('the times of Conditions [Core §2.5.1.2]', () => {
  testAcceptances(
    () => key,
    [
      { name: 'no NotBefore', parts: withTimes({ NotBefore: undefined }) },
      { name: 'a window of a day', parts: withTimes({ NotOnOrAfter: at(86_400) }) },
      { name: 'a window of a century', parts: withTimes({ NotOnOrAfter: '2126-03-02T09:00:00Z' }) },
      {
        name: 'fractions of a second as .NET writes them',
        parts: withTimes({ NotBefore: '2026-03-02T09:00:00.0000000Z' }),
      },
    ],
  );

  testRefusals(
    () => key,
    [
      {
        name: 'NotOnOrAfter that is reached',
        parts: withTimes({ NotBefore: at(-60), NotOnOrAfter: at(0) }),
        reason: 'expired',
      },
      {
        name: 'NotOnOrAfter that is reached, without NotBefore',
        parts: withTimes({ NotBefore: undefined, NotOnOrAfter: at(0) }),
        reason: 'expired',
      },
      { name: 'NotBefore that is not reached', parts: withTimes({ NotBefore: at(1) }), reason: 'not_yet_valid' },
      { name: 'no NotOnOrAfter', parts: withTimes({ NotOnOrAfter: undefined }), reason: 'malformed' },
      { name: 'a window that ends before it begins', parts: withTimes({ NotOnOrAfter: at(-1) }), reason: 'malformed' },
      { name: 'a time without zone', parts: withTimes({ NotOnOrAfter: '2026-03-02T10:00:00' }), reason: 'malformed' },
      {
        name: 'a time in another zone',
        parts: withTimes({ NotOnOrAfter: '2026-03-02T10:00:00+00:00' }),
        reason: 'malformed',
      },
      {
        name: 'a time as RFC 2822 has it',
        parts: withTimes({ NotOnOrAfter: 'Mon, 02 Mar 2026 10:00:00 GMT' }),
        reason: 'malformed',
      },
      { name: '30 February', parts: withTimes({ NotBefore: '2026-02-30T09:00:00Z' }), reason: 'malformed' },
      { name: 'a date without time', parts: withTimes({ NotBefore: '2026-03-02' }), reason: 'malformed' },
      { name: 'an empty time', parts: withTimes({ NotBefore: '' }), reason: 'malformed' },
    ],
  );
});

describe('the audience [Core §2.5.1.4]', () => {
  testAcceptances(
    () => key,
    [
      { name: 'one of several audiences', parts: withContent(audienceRestriction(other, spEntityId)) },
      { name: 'two restrictions that both name us', parts: withContent(ours + audienceRestriction(spEntityId, other)) },
    ],
  );

  testRefusals(
    () => key,
    [
      { name: 'another audience', parts: withContent(audienceRestriction(other)), reason: 'audience' },
      {
        name: 'an audience that differs in case',
        parts: withContent(audienceRestriction(spEntityId.toUpperCase())),
        reason: 'audience',
      },
      {
        name: 'an audience that only begins like ours',
        parts: withContent(audienceRestriction(`${spEntityId}/`)),
        reason: 'audience',
      },
      {
        name: 'an audience with white space inside it',
        parts: withContent(audienceRestriction(spEntityId.replace('/saml', ' /saml'))),
        reason: 'audience',
      },
      {
        name: 'two restrictions that disagree',
        parts: withContent(ours + audienceRestriction(other)),
        reason: 'audience',
      },
      { name: 'a restriction without audience', parts: withContent(ours + audienceRestriction()), reason: 'audience' },
      { name: 'no restriction', parts: withContent(''), reason: 'audience' },
      { name: 'no Conditions', parts: { conditions: '' }, reason: 'audience' },
      { name: 'two Conditions', parts: { conditions: conditionsElement() + conditionsElement() }, reason: 'malformed' },
    ],
  );
});

describe('other conditions [Core §2.5.1]', () => {
  testAcceptances(
    () => key,
    [
      { name: 'OneTimeUse, which every assertion is here', parts: withContent(`${ours}<OneTimeUse/>`) },
      { name: 'ProxyRestriction that leaves room', parts: withContent(`${ours}<ProxyRestriction Count="1"/>`) },
      { name: 'ProxyRestriction without Count', parts: withContent(`${ours}<ProxyRestriction/>`) },
    ],
  );

  testRefusals(
    () => key,
    [
      {
        name: 'an unknown condition',
        parts: withContent(
          `${ours}<Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Delegation"/>`,
        ),
        reason: 'malformed',
      },
      {
        name: 'a known name in another namespace',
        parts: withContent(`${ours}<OneTimeUse xmlns="urn:x"/>`),
        reason: 'malformed',
      },
      {
        name: 'ProxyRestriction with Count 0, as we mint [Core §2.5.1.6]',
        parts: withContent(`${ours}<ProxyRestriction Count="0"/>`),
        reason: 'audience',
      },
      {
        name: 'ProxyRestriction with Count 00',
        parts: withContent(`${ours}<ProxyRestriction Count="00"/>`),
        reason: 'audience',
      },
      {
        name: 'ProxyRestriction with Count -0 in white space',
        parts: withContent(`${ours}<ProxyRestriction Count=" -0 "/>`),
        reason: 'audience',
      },
      {
        name: 'ProxyRestriction with a Count that is no number',
        parts: withContent(`${ours}<ProxyRestriction Count=""/>`),
        reason: 'audience',
      },
      {
        name: 'ProxyRestriction that allows other audiences only',
        parts: withContent(`${ours}<ProxyRestriction Count="3"><Audience>${other}</Audience></ProxyRestriction>`),
        reason: 'audience',
      },
    ],
  );
});
