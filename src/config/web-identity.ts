// The mode `web-identity`: under which issuer and with which keys the broker is an OpenID provider towards AWS.
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { type WebIdentityKey, webIdentityKey } from '../aws/web-identity-token.ts';
import { checkPermissions, type LoadContext, readText } from './keys.ts';

const keyFile = z.strictObject({ key: z.string() });

export const webIdentitySchema = z.strictObject({
  /** What IAM knows the broker by. AWS reads its documents from the internet; by default baseUrl/aws/oidc. */
  issuer: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:\/\/[^?#]+[^/?#]$/.test(text), {
      message: 'is not an http or https URL without query and trailing slash',
    })
    .optional(),
  audience: z.string().min(1).max(255).default('sts.amazonaws.com'),
  signing: keyFile.optional(),
  /** Published beside the key in use, before they take its place and after. */
  otherKeys: z.array(keyFile).max(4).default([]),
});

export interface WebIdentitySettings {
  readonly issuer: string;
  readonly audience: string;
  /** The first signs; all are published. */
  readonly keys: readonly [WebIdentityKey, ...WebIdentityKey[]];
}

/** Undefined without a configured key: then the broker has no issuer. */
export function resolveWebIdentity(
  { issuer, audience, signing, otherKeys }: z.output<typeof webIdentitySchema>,
  baseUrl: string,
  context: LoadContext,
): WebIdentitySettings | undefined {
  const files = [signing, ...otherKeys].flatMap((file) => (file ? [file.key] : []));
  const path = (index: number) => (index === 0 ? 'signing.key' : `otherKeys[${index - 1}].key`);
  const keys = files.flatMap((file, index) => loadKey(file, `aws.webIdentity.${path(index)}`, context) ?? []);
  if (!signing) {
    if (otherKeys.length > 0) context.problems.push('aws.webIdentity.otherKeys: needs aws.webIdentity.signing');
    return undefined;
  }
  const [first, ...others] = keys;
  if (!first) return undefined;
  return { issuer: issuer ?? `${baseUrl}/aws/oidc`, audience, keys: [first, ...others] };
}

function loadKey(file: string, path: string, context: LoadContext): WebIdentityKey | undefined {
  const text = readText(file, path, context);
  if (text === undefined) return undefined;
  checkPermissions(file, path, context);
  try {
    return webIdentityKey(createPrivateKey(text));
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    context.problems.push(`${path}: ${code === undefined ? message : 'is not an unencrypted PEM private key'}`);
    return undefined;
  }
}
