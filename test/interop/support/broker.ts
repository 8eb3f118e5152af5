// The broker of the sample company with somebody else's identity provider in front, and AWS behind it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDemo, type TestDemo } from '../../e2e/support/demo.ts';

export const claims = {
  upn: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn',
  name: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  group: 'http://schemas.xmlsoap.org/claims/Group',
} as const;

export interface ForeignIdp {
  /** As the identity provider publishes it. */
  readonly metadata: string;
  readonly want?: { readonly assertionsSigned: boolean; readonly responseSigned: boolean };
  /** More keys of the identity provider's entry. */
  readonly entry?: Record<string, unknown>;
  /** Changes the rest of the configuration. */
  readonly adjust?: (config: Record<string, unknown>) => Record<string, unknown>;
}

/** Keys are kept per process: making them is the slow part. */
const directory = mkdtempSync(join(tmpdir(), 'rolegate-interop-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

export function startBrokerFor({ metadata, want, entry, adjust }: ForeignIdp): Promise<TestDemo> {
  const file = 'foreign-idp.xml';
  writeFileSync(join(directory, file), metadata);
  return startTestDemo({
    directory,
    adjust: (config) => {
      const identityProvider = {
        id: 'foreign',
        label: 'Somebody else',
        metadata: { file },
        attributes: { user: claims.upn, groups: claims.group, displayName: claims.name },
        ...(want && { want }),
        ...entry,
      };
      const changed = { ...config, identityProviders: [identityProvider] };
      return adjust?.(changed) ?? changed;
    },
  });
}

/** Reasons of the refusals in the audit record, in order. */
export function refusals(demo: TestDemo): unknown[] {
  return demo.audit.filter(({ event }) => event === 'sign_in_refused').map(({ reason }) => reason);
}
