// What the broker offers people to install: a signed release where the configuration names one, otherwise the file that was
// built with the broker.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { releaseVersion } from '../../wire/release.ts';
import type { Services } from '../context.ts';
import { type CliFile, readCliFile } from './cli-file.ts';
import { createReleaseFolder, type OfferedRelease, type ReleaseFolder } from './release-folder.ts';

export interface CliOffer {
  /** The script for Node; undefined if there is none. */
  script(): Promise<CliFile | undefined>;
  release(): Promise<OfferedRelease | undefined>;
  /** Tells the command, with every answer of the API, which version there is. */
  readonly header: RequestHandler;
}

/** @param read for tests, which bring another file */
export function createCliOffer(
  { config, clock, log }: Pick<Services, 'config' | 'clock' | 'log'>,
  read: typeof readCliFile = readCliFile,
): CliOffer {
  const folder = createReleaseFolder(config.cliSignIn.releases, { clock, log });
  // Read once: the hash on the page matches the file that is sent, also while a new version is being installed.
  let built: ReturnType<typeof readCliFile> | undefined;
  let signed: { readonly of: OfferedRelease; readonly file: Promise<CliFile> } | undefined;
  return {
    script: async () => {
      const offered = await folder.current();
      const entry = offered?.release.files.find(({ format }) => format === 'script');
      if (!offered || !entry) {
        built ??= read();
        return built;
      }
      if (signed?.of !== offered) {
        const file = readFile(join(offered.folder, entry.name));
        signed = { of: offered, file: file.then((content) => ({ content, sha256: entry.sha256 })) };
      }
      return signed.file;
    },
    release: folder.current,
    header: (_request, response, next) => {
      const value = headerValue(folder);
      if (value !== undefined) response.setHeader('Rolegate-Version', value);
      next();
    },
  };
}

/** `signed` if `rolegate update` gets it. */
function headerValue(folder: ReleaseFolder): string | undefined {
  const version = folder.latest()?.release.version;
  return version === undefined ? ownVersion : `${version};signed`;
}

/** Of the broker, and of the file that was built with it; the same path from dist/ and from src/. */
const ownVersion = readOwnVersion();

function readOwnVersion(): string | undefined {
  try {
    const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    return releaseVersion.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}
