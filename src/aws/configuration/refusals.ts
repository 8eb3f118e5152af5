// Why AWS gives the configuration nothing, and what an administrator has to change. Messages of AWS's errors hold no values.
import { BrokerError } from '../../errors.ts';

/** By the name of the exception: what every service may say. */
const reasons: Readonly<Record<string, string>> = {
  UnrecognizedClientException: "AWS does not know the access key of the broker's identity",
  InvalidSignatureException: "the broker's clock is off, or the secret key of its identity is wrong",
  ExpiredTokenException: "the session of the broker's AWS identity has expired",
  ThrottlingException: 'AWS throttles: try again',
  TooManyRequestsException: 'AWS throttles: try again',
};

/**
 * @param thrown of the SDK, or of the broker's own identity
 * @param own reasons of one service, by the name of the exception
 */
export function refusalOf(thrown: unknown, own: Readonly<Record<string, string>>, region: string): Error {
  const { name = 'Error', message = '' } = thrown as { name?: string; message?: string };
  if (thrown instanceof BrokerError) return new Error(`the broker has no AWS identity to ask with (${message})`);
  const known = { ...reasons, ...own };
  const status = (thrown as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const unknown =
    status === undefined
      ? `does not answer: check the way to its endpoint in ${region}`
      : `AWS answered ${status} for a reason that we do not know`;
  const reason = Object.hasOwn(known, name) ? known[name]! : unknown;
  return new Error(`${reason} (${name}: ${message.slice(0, 300)})`, { cause: thrown });
}
