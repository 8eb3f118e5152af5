// What a pushed authorization request may hold: anyone can push one, and it stays in the store for twenty minutes.
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { deviceParameters, maxDeviceTextLength, stepUpParameter } from '../wire/oauth.ts';
import { roleArnForm } from '../wire/role-arn.ts';

type Validator = (ctx: KoaContextWithOIDC, value: string | undefined) => void;

/** Shown to a person who decides by it: no control, format or bidirectional characters. */
const plainText = new RegExp(`^[^\\p{C}\\p{Zl}\\p{Zp}]{0,${maxDeviceTextLength}}$`, 'u');

const forms: Readonly<Record<string, RegExp>> = {
  client_id: /^[\w-]{1,64}$/,
  response_type: /^[\w ]{1,32}$/,
  response_mode: /^[\w.]{1,32}$/,
  redirect_uri: /^[!-~]{1,256}$/,
  scope: /^[\w ]{1,64}$/,
  // RFC 6749 appendix A.5.
  state: /^[ -~]{1,128}$/,
  nonce: /^[ -~]{1,128}$/,
  // RFC 7636 §4.2: SHA-256 in base64url.
  code_challenge: /^[\w-]{43}$/,
  code_challenge_method: /^[\w-]{1,16}$/,
  prompt: /^[\w ]{1,32}$/,
  // RFC 9449 §10.
  dpop_jkt: /^[\w-]{43}$/,
  ...Object.fromEntries(deviceParameters.map((name) => [name, plainText])),
  [stepUpParameter]: roleArnForm,
};

/** Bytes of all values: with the rest of the record, it stays below 1 KB. */
const maxBytes = 400;

/** For the library, which asks for each of its extra parameters, with all of the request at hand. */
export function pushedParameters(): Record<string, Validator> {
  const [first = '', ...others] = [...deviceParameters, stepUpParameter];
  const none: Validator = () => {};
  return { [first]: checkPushedRequest, ...Object.fromEntries(others.map((name) => [name, none])) };
}

/** @throws InvalidRequest, naming the parameter */
function checkPushedRequest({ oidc }: KoaContextWithOIDC): void {
  if (oidc.route !== 'pushed_authorization_request') return;
  const entries = Object.entries(oidc.body ?? {}).filter(([, value]) => value !== undefined);
  for (const [name, value] of entries) {
    if (!Object.hasOwn(forms, name)) throw new errors.InvalidRequest('a parameter that this server does not know');
    if (typeof value !== 'string' || !forms[name]!.test(value)) {
      throw new errors.InvalidRequest(`${name} is too long, or not in its form`);
    }
  }
  const bytes = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(String(value)), 0);
  if (bytes > maxBytes) throw new errors.InvalidRequest(`all parameters together are longer than ${maxBytes} bytes`);
}
