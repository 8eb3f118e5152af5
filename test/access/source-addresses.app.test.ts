// `sourceIp` of a rule, against AWS's evaluation of it: the session policy that the broker sends lets calls in from those
// addresses only.
import { expect, test } from 'vitest';
import { elementText } from '../../emulators/test/aws/support/fixture.ts';
import { s3Allow, useInvoices } from '../../emulators/test/aws/support/invoices.ts';
import { restrictedPolicy } from '../../src/access/source-addresses.ts';

const { assume, call, setPolicies } = useInvoices();
const none = { policy: undefined, policyArns: [] };
const reading = JSON.stringify({ Version: '2012-10-17', ...s3Allow('s3:ListBucket') });

test.each([
  ['the address of the caller', ['127.0.0.0/8', '::1/128'], none, 200],
  ['the same beside a policy of its own', ['127.0.0.0/8', '::1/128'], { policy: reading, policyArns: [] }, 200],
  ['another network', ['203.0.113.0/24'], none, 403],
  [
    'another network beside a policy that allows the call',
    ['203.0.113.0/24'],
    { policy: reading, policyArns: [] },
    403,
  ],
])('%s', async (_name, addresses, limits, status) => {
  const made = await assume({ Policy: restrictedPolicy(addresses, limits) });
  setPolicies(s3Allow('s3:*'));
  const answer = await call(made);
  expect(answer.status).toBe(status);
  if (status === 403) expect(elementText(answer.body, 'Message')).toContain('explicit deny in a session policy');
});
