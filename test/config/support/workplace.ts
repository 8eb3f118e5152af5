// A directory as an operator has it: rolegate.yaml beside keys and the identity provider's metadata.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { buildMetadata } from '../../../emulators/adfs/metadata.ts';
import { type Config, ConfigError } from '../../../src/config/config.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { type KeyPair, keyPair, writeKeyPairs } from '../../support/key-pairs.ts';

export type Raw = Record<string, unknown>;

export const now = new Date('2026-03-02T09:00:00.000Z');
export const env = {
  SESSION_SECRET: 'a secret that has more than thirty-two characters',
  REDIS_PASSWORD: 'a password of Redis',
};

export interface Workplace {
  readonly directory: string;
  readonly path: (name: string) => string;
  readonly write: (name: string, text: string, mode?: number) => void;
  readonly writePair: (name: string, pair: KeyPair) => void;
  readonly remove: () => void;
}

/** A new empty directory. */
export function createEmptyWorkplace(): Workplace {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-config-'));
  const path = (name: string) => join(directory, name);
  const write = (name: string, text: string, mode = 0o600) => {
    writeFileSync(path(name), text);
    chmodSync(path(name), mode); // whatever the umask is
  };
  return {
    directory,
    path,
    write,
    writePair: (name, { key, cert }) => {
      write(`${name}.key`, key);
      write(`${name}.crt`, cert);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** With `sp`, `aws` and `tls` key pairs, idp-metadata.xml of an AD FS on https and lab-metadata.xml of one on http. */
export async function createWorkplace(): Promise<Workplace> {
  const workplace = createEmptyWorkplace();
  writeKeyPairs(workplace.directory, { sp: 'sp-signing', aws: 'minting', tls: 'broker-tls' });
  const keys = { signing: keyPair('idp-signing'), encryption: keyPair('idp-encryption'), secondarySigning: undefined };
  const at = (url: string) => buildMetadata({ ...keys, entityId: 'http://adfs.example/adfs/services/trust', url });
  workplace.write('idp-metadata.xml', at('https://adfs.example'));
  workplace.write('lab-metadata.xml', at('http://adfs.example'));
  return workplace;
}

/** The repository's own files, as a clean clone has them. */
export function copyFiles(workplace: Workplace, folder: string, from: string, names: readonly string[]): void {
  mkdirSync(workplace.path(folder));
  for (const name of names) copyFileSync(join(from, name), join(workplace.path(folder), name));
}

/** A configuration that production accepts; tests spoil one thing each. */
export function goodProduction(): Raw {
  return {
    baseUrl: 'https://broker.example',
    listen: { port: 8080, trustProxy: ['10.0.0.11'] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
    store: { type: 'redis', url: 'rediss://redis.example:6379', password: '${REDIS_PASSWORD}' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
    session: { secrets: ['${SESSION_SECRET}'] },
    serviceProvider: {
      entityId: 'https://broker.example/saml/metadata',
      signing: { key: 'sp.key', cert: 'sp.crt' },
    },
    identityProviders: [
      {
        id: 'adfs',
        label: 'Corporate sign-in',
        metadata: { file: 'idp-metadata.xml' },
        trustAuthnInstant: true,
        attributes: { user: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn' },
      },
    ],
    aws: {
      region: 'eu-west-1',
      provider: 'rolegate',
      issuer: 'https://broker.example/aws/saml-metadata.xml',
      signing: { key: 'aws.key', cert: 'aws.crt' },
    },
    accounts: [
      { id: '111122223333', alias: 'payments-prod' },
      { id: '012345678901', alias: 'payments-dev', name: 'Payments Development' },
    ],
    rules: [
      {
        name: 'engineers',
        when: { group: 'CORP\\Engineers' },
        grant: { accounts: ['payments-dev'], role: 'Developer' },
      },
    ],
  };
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function load(workplace: Workplace, raw: Raw | string, environment: Environment = env): Promise<Config> {
  const text = typeof raw === 'string' ? raw : stringify(raw);
  return parseConfig(text, { source: 'rolegate.yaml', directory: workplace.directory, env: environment, now });
}

/** The problems of a configuration; none if it loads. */
export async function problemsOf(
  workplace: Workplace,
  raw: Raw | string,
  environment: Environment = env,
): Promise<readonly string[]> {
  try {
    await load(workplace, raw, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** A copy with one value set, or (undefined) taken away; the path is as in the messages: `rules[0].grant.role`. */
export function change(raw: Raw, path: string, value: unknown): Raw {
  const copy = structuredClone(raw);
  const steps = path.split(/[.[\]]+/).filter(Boolean);
  const last = steps.pop()!;
  // Parts that are not there yet are made on the way.
  const parent = steps.reduce<Raw>((node, step) => {
    node[step] ??= {};
    return node[step] as Raw;
  }, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}
