// Runs pysaml2_idp.py: an identity provider that parses our signed requests and our metadata, and signs with xmlsec1.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endsWithUs } from '../../support/children.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { pysaml2Python, xmlsec1Path } from '../../support/parts/parts.ts';

const script = fileURLToPath(new URL('./pysaml2_idp.py', import.meta.url));

/** Arguments of pysaml2's create_authn_response; omitted ones have their default. */
export interface Pysaml2Signing {
  readonly sign_assertion?: boolean;
  readonly sign_response?: boolean;
  readonly encrypt_assertion?: boolean;
  readonly sign_alg?: string;
  readonly digest_alg?: string;
}

interface Pysaml2Settings {
  /** Our metadata. */
  readonly serviceProvider: string;
  readonly nameId: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly signing: Pysaml2Signing;
}

export interface Pysaml2Idp {
  readonly url: string;
  readonly metadata: string;
  answer(settings: Pysaml2Settings): Promise<void>;
  stop(): Promise<void>;
}

/** @throws Error with what Python said when it does not start */
export async function startPysaml2Idp(): Promise<Pysaml2Idp> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-pysaml2-'));
  const pair = keyPair('idp-signing');
  const place = { key: join(directory, 'idp.key'), cert: join(directory, 'idp.crt'), xmlsec1: xmlsec1Path() };
  writeFileSync(place.key, pair.key, { mode: 0o600 });
  writeFileSync(place.cert, pair.cert);
  const child = endsWithUs(spawn(pysaml2Python(), [script], { stdio: 'pipe' }));
  child.stdin.write(`${JSON.stringify(place)}\n`);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', () => reject(new Error(`pysaml2 did not start:\n${said}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    metadata: await (await fetch(`${url}/metadata`)).text(),
    answer: async (settings) => {
      await fetch(`${url}/settings`, { method: 'POST', body: JSON.stringify(settings) });
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
