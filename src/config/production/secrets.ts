// Secrets in the configuration: they come from the environment or a file, and cannot be guessed.
import { deflateRawSync } from 'node:zlib';
import { z } from 'zod';

const reference = /^\$\{[^}]+\}$/;
const text = z.string().optional().catch(undefined);
const withSecrets = z.object({
  session: z
    .object({ secrets: z.array(text).catch([]) })
    .optional()
    .catch(undefined),
  store: z
    .object({ password: text, url: text, sentinels: z.object({ password: text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  identityProviders: z
    .array(z.object({ openid: z.object({ clientSecret: text }).optional().catch(undefined) }).catch({}))
    .catch([]),
  offboarding: z
    .object({ scim: z.array(z.object({ token: text }).catch({})).catch([]) })
    .optional()
    .catch(undefined),
});

/** Secrets that the file itself contains, where they end up in repositories and backups. @param file before interpolation */
export function literalSecrets(file: unknown): string[] {
  const parsed = withSecrets.safeParse(file).data;
  // Not by URL: a reference contains `:`, `/` and braces.
  const secrets: (readonly [string, string | undefined])[] = [
    ...(parsed?.session?.secrets ?? []).map((secret, index) => [`session.secrets[${index}]`, secret] as const),
    ['store.password', parsed?.store?.password],
    ['store.sentinels.password', parsed?.store?.sentinels?.password],
    ['store.url', /^[a-z]+:\/\/(?:\$\{[^}]+\}|[^:@/])*:((?:\$\{[^}]+\}|[^@])*)@/i.exec(parsed?.store?.url ?? '')?.[1]],
    ...(parsed?.identityProviders ?? []).map(
      ({ openid }, index) => [`identityProviders[${index}].openid.clientSecret`, openid?.clientSecret] as const,
    ),
    ...(parsed?.offboarding?.scim ?? []).map(
      ({ token }, index) => [`offboarding.scim[${index}].token`, token] as const,
    ),
  ];
  return secrets
    .filter(([, secret]) => secret !== undefined && secret !== '' && !reference.test(secret))
    .map(([path]) => `${path}: contains a secret; use \${file:PATH} or \${NAME}`);
}

/** @returns whether a secret repeats itself: 32 equal letters, or four times the same eight */
export function isRepetitive(secret: string): boolean {
  // 16 random bytes in hexadecimal, the shortest good secret, stay above 24 bytes; repetitions do not.
  return deflateRawSync(secret, { level: 9 }).length < 24;
}
