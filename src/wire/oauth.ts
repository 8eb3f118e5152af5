// The contract between broker and command line for sign-in: plain OAuth, and the few additions of this project.
import { createHash } from 'node:crypto';
import * as z from 'zod';

export const cliClientId = 'rolegate-cli';

/** Without `openid`, because there are no ID tokens. */
export const cliScope = 'aws';

/** Path of the loopback redirect; any port. RFC 8252 §7.3. */
export const loopbackPath = '/callback';

/** Where the code of `login --remote` is shown for copying, on the broker itself. */
export const remoteRedirectPath = '/oauth/remote';

/** What the pushed authorization request says about the machine that asks: its own words, shown as such. */
export const deviceParameters = ['device_host', 'device_os', 'device_user'] as const;
export type DeviceParameter = (typeof deviceParameters)[number];
export const maxDeviceTextLength = 80;

const alphabet = 'BCDFGHJKLMNPQRSTVWXZ23456789';

/** In the pushed request: the role, as an ARN, whose rule asks for a stronger or newer sign-in first. */
export const stepUpParameter = 'step_up_role';

/** In the pushed request, OIDC Core §3.1.2.1: the identity provider asks the person again (`login --force`). */
export const freshSignIn = { prompt: 'login' } as const;

/**
 * The code that the terminal and the confirm page both show, such as `K7TR-2QXD`: who compares them knows that this page
 * belongs to that terminal. Both derive it from the code_challenge, so nothing more has to be sent.
 */
export function confirmationCode(codeChallenge: string): string {
  const digest = createHash('sha256').update(`rolegate confirmation\0${codeChallenge}`).digest();
  const letters = [...digest.subarray(0, 8)].map((byte) => alphabet[byte % alphabet.length]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** RFC 8414, as far as the command line reads it, and what `rolegate init` needs to know besides. */
export const authorizationServer = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  pushed_authorization_request_endpoint: z.string(),
  revocation_endpoint: z.string(),
  /** RFC 9449 §5.1; empty for a broker that knows no proofs. */
  dpop_signing_alg_values_supported: z.array(z.string()).default([]),
  rolegate: z.object({
    /** The portal's name. */
    name: z.string(),
    partition: z.string(),
    region: z.string(),
    /** Whether `login --remote` is allowed. */
    remoteLogin: z.boolean(),
    /** Where a refusal is learned that no browser brings; undefined for a broker that does not say. */
    decisionEndpoint: z.string().optional(),
  }),
});
export type AuthorizationServer = z.output<typeof authorizationServer>;

/** What the decision endpoint answers: to everyone but the command line that asked, always `pending`. */
export const decisionAnswer = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('pending') }),
  z.object({ decision: z.literal('denied'), detail: z.string() }),
]);

export const pushedRequest = z.object({ request_uri: z.string(), expires_in: z.number() });
