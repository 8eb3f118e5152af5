// The folder with the signed release of `rolegate`. Only files that its manifest names are offered, and only while they are as it
// says; whether the signature is right, each machine verifies with the key in its command.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { type Release, type ReleaseFile, releaseManifest, releasePaths } from '../../wire/release.ts';

export interface OfferedRelease {
  readonly folder: string;
  readonly manifest: Buffer;
  readonly signature: Buffer;
  readonly release: Release;
}

export interface ReleaseFolder {
  /** Undefined without a release that is complete. */
  current(): Promise<OfferedRelease | undefined>;
  /** The same as it was known last, at once. */
  latest(): OfferedRelease | undefined;
}

/** How often the folder is looked at, at most. */
const lookMs = 10_000;

const [manifestName, signatureName] = [basename(releasePaths.manifest), basename(releasePaths.signature)];

/** @param folder undefined where the configuration has none */
export function createReleaseFolder(
  folder: string | undefined,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): ReleaseFolder {
  let found: OfferedRelease | undefined;
  let seen: string | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const look = async (from: string): Promise<void> => {
    const version = await versionOf(from);
    if (version === seen) return;
    try {
      found = await readRelease(from);
      log.info({ folder: from, version: found.release.version }, 'release of the command line is offered');
    } catch (error) {
      found = undefined;
      log.error({ folder: from, detail: (error as Error).message }, 'release of the command line is not offered');
    }
    seen = version;
  };
  const refresh = async (): Promise<void> => {
    const now = clock.now().getTime();
    if (folder === undefined || (looking === undefined && now - lookedAt < lookMs)) return;
    looking ??= look(folder).finally(() => {
      looking = undefined;
    });
    lookedAt = now;
    await looking;
  };
  return {
    current: async () => {
      await refresh();
      return found;
    },
    latest: () => {
      void refresh();
      return found;
    },
  };
}

/** Changes whenever the manifest or its signature is replaced. */
async function versionOf(folder: string): Promise<string> {
  const states = [manifestName, signatureName].map((name) =>
    stat(join(folder, name)).then(
      ({ ino, size, mtimeMs }) => `${ino}:${size}:${mtimeMs}`,
      () => 'missing',
    ),
  );
  return (await Promise.all(states)).join(' ');
}

/** @throws Error that names the problem of the folder */
async function readRelease(folder: string): Promise<OfferedRelease> {
  const [manifest, signature] = await Promise.all([
    readFile(join(folder, manifestName)),
    readFile(join(folder, signatureName)),
  ]);
  const { data: release, error } = releaseManifest.safeParse(JSON.parse(manifest.toString('utf8')));
  if (!release) throw new Error(`${manifestName}: ${error.issues[0]?.path.join('.')} ${error.issues[0]?.message}`);
  for (const file of release.files) await checkFile(folder, file);
  return { folder, manifest, signature, release };
}

async function checkFile(folder: string, { name, size, sha256 }: ReleaseFile): Promise<void> {
  const hash = createHash('sha256');
  let found = 0;
  for await (const chunk of createReadStream(join(folder, name)) as AsyncIterable<Buffer>) {
    found += chunk.length;
    if (found > size) break;
    hash.update(chunk);
  }
  if (found !== size || hash.digest('hex') !== sha256) throw new Error(`${name} is not the file in ${manifestName}`);
}
