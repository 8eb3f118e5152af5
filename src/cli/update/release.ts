// The release that a broker offers, believed only with the company's signature. A compromised broker can withhold a release;
// it cannot make one, change one, or bring an old one back.
import { createHash } from 'node:crypto';
import { maxManifestBytes, type Release, type ReleaseFile, releaseManifest, releasePaths } from '../../wire/release.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { parseJson } from '../machine/http.ts';
import { download } from './download.ts';
import { isSignedBy } from './minisign.ts';

/** @throws CliError failed, without a signature by one of the keys; network */
export async function fetchRelease(context: CliContext, broker: string, keys: readonly string[]): Promise<Release> {
  const get = (path: string) => download(context, { url: broker + path, maxBytes: maxManifestBytes });
  const manifest = await get(releasePaths.manifest);
  const signature = manifest && (await get(releasePaths.signature));
  const { host } = new URL(broker);
  if (!manifest || !signature) {
    // Its page is not named: a broker that hides the release would lead to what it serves there.
    throw new CliError('failed', `${host} offers no signed release: ask your administrators for the new version`);
  }
  if (!isSignedBy(keys, manifest, signature.toString('utf8'))) {
    const tell = 'tell your administrators, and do not install what this broker offers by other means';
    throw new CliError('failed', `the release at ${host} is not signed by your company's release key: ${tell}`);
  }
  const { data } = releaseManifest.safeParse(parseJson(manifest.toString('utf8')));
  if (!data) throw new CliError('failed', `${host} offers a release that this version cannot read: see ${broker}/cli`);
  return data;
}

/** @throws CliError failed, for anything but the file of the release; network */
export async function fetchFile(context: CliContext, broker: string, file: ReleaseFile): Promise<Buffer> {
  const { name, size, sha256 } = file;
  const title = `Downloading ${name}`;
  const content = await download(context, { url: broker + releasePaths.file(name), maxBytes: size, title });
  const { host } = new URL(broker);
  if (!content) throw new CliError('failed', `${host} does not have ${name}, which its release names: try again later`);
  const found = createHash('sha256').update(content).digest('hex');
  if (content.length !== size || found !== sha256) {
    const sizes = `${content.length} bytes with the SHA-256 ${found}, not ${size} with ${sha256}`;
    throw new CliError(
      'failed',
      `${name} from ${host} is not the file that was signed (${sizes}): nothing was changed`,
    );
  }
  return content;
}
