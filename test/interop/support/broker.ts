// The broker of the sample company behind another vendor's identity provider, with AWS behind it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoKeys, startTestDemo, type TestDemo } from '../../app/support/demo.ts';
import { writeKeyPairs } from '../../support/key-pairs.ts';

export const claims = {
  upn: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn',
  name: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  group: 'http://schemas.xmlsoap.org/claims/Group',
} as const;

export interface ForeignIdp {
  /** For a broker that comes back where another was. */
  readonly port?: number;
  /** As the identity provider publishes it. */
  readonly metadata: string;
  readonly want?: { readonly assertionsSigned: boolean; readonly responseSigned: boolean };
  /** More keys of the identity provider's entry. */
  readonly entry?: Record<string, unknown>;
  /** Changes the rest of the configuration. */
  readonly adjust?: (config: Record<string, unknown>) => Record<string, unknown>;
}

const keyPairs = {
  ...demoKeys,
  'sp-next': 'sp-signing-next',
  encryption: 'sp-decryption',
  'encryption-old': 'sp-decryption-earlier',
} as const;

/** For `serviceProvider.encryption`, the key in use first. */
export const encryptionKeys = ['encryption', 'encryption-old'].map((name) => ({
  key: `${name}.key`,
  cert: `${name}.crt`,
}));

/** For `adjust`: more keys of the service provider. */
export function serviceProvider(more: Record<string, unknown>): NonNullable<ForeignIdp['adjust']> {
  return (config) => ({ ...config, serviceProvider: { ...(config['serviceProvider'] as object), ...more } });
}

export async function startBrokerFor({ port, metadata, want, entry, adjust }: ForeignIdp): Promise<TestDemo> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-interop-'));
  writeKeyPairs(directory, keyPairs);
  const file = 'foreign-idp.xml';
  writeFileSync(join(directory, file), metadata);
  const demo = await startTestDemo({
    directory,
    ...(port !== undefined && { port }),
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
  const close = async () => {
    await demo.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { ...demo, close };
}

/** Reasons of the refusals in the audit record, in order. */
export function refusals(demo: TestDemo): unknown[] {
  return demo.audit.filter(({ event }) => event === 'sign_in_refused').map(({ reason }) => reason);
}
