// What a release of `rolegate` consists of: release.json, which the company's offline key signs.
import * as z from 'zod';

/** Larger files are refused before their first octet. */
const maxFileBytes = 512 * 1024 * 1024;

export const releaseVersion = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/;

const releaseFile = z.object({
  /** A path of one part, for a folder and a URL. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  /** `any` for the script, otherwise as Node calls the system and the processor. */
  platform: z.string().regex(/^(any|(linux|darwin|win32)-(x64|arm64))$/),
  format: z.enum(['script', 'tar.gz', 'deb', 'rpm']),
  size: z.int().min(1).max(maxFileBytes),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Unknown fields are ignored: a newer release may say more. */
export const releaseManifest = z.object({
  /** One key may sign other programs too. */
  name: z.literal('rolegate'),
  version: z.string().regex(releaseVersion),
  released: z.iso.date(),
  files: z
    .array(releaseFile)
    .min(1)
    .max(64)
    .refine((files) => new Set(files.map(({ name }) => name)).size === files.length, {
      message: 'a name occurs twice',
    }),
});

export type Release = Readonly<z.output<typeof releaseManifest>>;
export type ReleaseFile = Readonly<z.output<typeof releaseFile>>;

export const releasePaths = {
  manifest: '/cli/release.json',
  signature: '/cli/release.json.minisig',
  file: (name: string) => `/cli/releases/${name}`,
} as const;

/** Neither the manifest nor its signature is larger. */
export const maxManifestBytes = 64 * 1024;
