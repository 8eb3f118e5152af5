// The address of the sign-in that an error asks for, as clients of the API get it.
import { expect, test } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { signInAddress } from '../../../src/http/sign-in/step-up.ts';

const roleArn = 'arn:aws:iam::111122223333:role/team/Developer';
const encoded = 'arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fteam%2FDeveloper';

test('a step-up leads to the sign-in for the role', () => {
  const error = new BrokerError('step_up_required', 'x', { details: { roleArn } });
  expect(signInAddress(error)).toEqual({ stepUpUrl: `/login?step_up=${encoded}` });
});

test.each(['credentials', 'console'])('a new response of the identity provider for %s comes back to it', (purpose) => {
  const error = new BrokerError('reauthentication_required', 'x', { details: { roleArn, purpose } });
  const { reauthenticationUrl = '' } = signInAddress(error);
  const back = new URL(reauthenticationUrl, 'http://x').searchParams.get('return_to');
  expect(reauthenticationUrl).toMatch(/^\/login\?return_to=/);
  expect(back).toBe(`/?resume=${purpose}&role=${encoded}`);
});

test('other errors lead to no sign-in, whatever their details', () => {
  const error = new BrokerError('role_not_granted', 'x', { details: { roleArn, purpose: 'console' } });
  expect(signInAddress(error)).toEqual({});
});
