// Releases as `npm run release` signs them, and a broker that offers them: honestly, or with what a test puts in their place.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Release, type ReleaseFile, releasePaths } from '../../../src/wire/release.ts';

interface Signing {
  readonly createReleaseKey: (folder: string, passphrase?: string) => void;
  readonly signFile: (file: string, keyFile: string, passphrase?: string) => string;
  readonly readPublicKeys: (file: string) => string[];
}

const signing: Signing = await import(new URL('../../../deploy/release-signature.mjs', import.meta.url).href);

export interface ReleaseKey {
  readonly folder: string;
  /** As a build holds it. */
  readonly publicKey: string;
}

export function createKey(): ReleaseKey {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-release-key-'));
  signing.createReleaseKey(folder);
  return { folder, publicKey: signing.readPublicKeys(join(folder, 'release.pub'))[0]! };
}

type Answer = Buffer | ((response: ServerResponse) => void);

/** What a broker answers, by path. */
export type Offer = Map<string, Answer>;

export interface NewFile {
  readonly platform: string;
  readonly format: ReleaseFile['format'];
  readonly content: Buffer;
}

/** A signed release with these files. */
export function signRelease(key: ReleaseKey, version: string, files: readonly NewFile[], more: object = {}): Offer {
  const named = files.map(({ content, ...rest }) => {
    const name = `rolegate-${version}-${rest.platform}.${rest.format}`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { content, entry: { name, ...rest, size: content.length, sha256 } };
  });
  const release: Release = {
    ...{ name: 'rolegate', version, released: '2026-11-30', files: named.map(({ entry }) => entry) },
    ...more,
  };
  const folder = mkdtempSync(join(key.folder, 'release-'));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'release.json');
  writeFileSync(file, JSON.stringify(release));
  signing.signFile(file, join(key.folder, 'release.key'));
  return new Map<string, Answer>([
    [releasePaths.manifest, readFileSync(file)],
    [releasePaths.signature, readFileSync(`${file}.minisig`)],
    ...named.map(({ entry, content }) => [releasePaths.file(entry.name), content] as const),
  ]);
}

export interface ReleaseBroker {
  /** Its origin. */
  readonly url: string;
  offer: Offer;
  /** Paths that were asked for. */
  readonly asked: string[];
  readonly close: () => void;
}

export async function startReleaseBroker(): Promise<ReleaseBroker> {
  const server = createServer((request, response) => {
    broker.asked.push(request.url!);
    const answer = broker.offer.get(request.url!);
    if (answer === undefined) response.writeHead(404).end();
    else if (typeof answer === 'function') answer(response);
    else response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const broker: ReleaseBroker = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    offer: new Map(),
    asked: [],
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return broker;
}

/** As an operator copies it: the manifest last. */
export function copyRelease(offer: Offer, folder: string): void {
  for (const [path, content] of [...offer].reverse()) writeFileSync(join(folder, basename(path)), content as Buffer);
}
