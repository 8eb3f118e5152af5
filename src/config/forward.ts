// The mode `forward`: which SAML provider of IAM holds the metadata of which identity provider.
import { z } from 'zod';
import { forwardedClaims } from '../access/forwarded.ts';
import type { ForwardPolicy, Policy } from '../access/model.ts';
import { partitions } from '../aws/partitions.ts';

/** IAM API: Name of a SAML provider. */
export const providerName = z.string().regex(/^[\w.-]{1,128}$/, 'must be 1 to 128 of letters, digits, . _ -');

export const forwardSchema = z.strictObject({
  /** One name for all, or a map of identity provider to name. */
  provider: z.union([providerName, z.record(z.string(), providerName)], {
    error: 'must be the name of a SAML provider, or a map of identity provider to name',
  }),
});

interface Sections {
  readonly aws: {
    readonly partition: string;
    readonly otherPartition?: { readonly attributePrefix: string } | undefined;
    readonly forward?: z.output<typeof forwardSchema> | undefined;
  };
  readonly identityProviders: readonly { readonly id: string; readonly metadata?: unknown }[];
}

/** Undefined where the configuration says nothing of it. */
export function resolveForward({ aws, identityProviders }: Sections, problems: string[]): ForwardPolicy | undefined {
  if (!aws.forward) return undefined;
  const { provider } = aws.forward;
  const speakSaml = identityProviders.filter(({ metadata }) => metadata !== undefined).map(({ id }) => id);
  const providers = typeof provider === 'string' ? Object.fromEntries(speakSaml.map((id) => [id, provider])) : provider;
  for (const id of Object.keys(providers)) {
    if (!speakSaml.includes(id)) problems.push(`aws.forward.provider: no SAML identity provider has the id ${id}`);
  }
  const known = Object.hasOwn(partitions, aws.partition) ? partitions[aws.partition] : aws.otherPartition;
  return { attributePrefix: known?.attributePrefix ?? '', providers };
}

/** Names of the claims that a session keeps for it. */
export function claimsToForward({ forward }: Policy): string[] {
  return forward ? Object.values(forwardedClaims(forward.attributePrefix)) : [];
}
