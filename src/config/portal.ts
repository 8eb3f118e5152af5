// What the portal looks like and allows: the part of the configuration that people see.
import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { z } from 'zod';
import type { LoadContext } from './keys.ts';
import { policyDocument } from './policy-document.ts';

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  message: 'is not an origin such as https://intranet.corp.example',
});

const sessionPolicy = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and hyphens'),
  label: z.string().min(1).max(80),
  policy: policyDocument,
});

export const portalSchema = z.strictObject({
  name: z.string().min(1).max(60).default('Rolegate'),
  help: z.string().max(500).default('Ask the team that runs your AWS accounts.'),
  /** An SVG or PNG file. */
  logo: z.string().optional(),
  color: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'is not a colour such as #1a5a86')
    .optional(),
  announcement: z.string().min(1).max(500).optional(),
  /** Groups whose members may look into other people's roles and refused sign-ins. */
  administrators: z.array(z.string().min(1)).default([]),
  /** Origins that may show the portal in a frame. */
  embedders: z.array(origin).default([]),
  /** Origins whose console links open without asking. */
  trustedReferrers: z.array(origin).default([]),
  /** Session policies that people may choose, such as "read-only". */
  sessionPolicies: z.array(sessionPolicy).max(10).default([]),
});
export type RawPortal = z.output<typeof portalSchema>;

export interface Portal extends Omit<RawPortal, 'logo'> {
  readonly logo: { readonly bytes: Buffer; readonly type: string } | undefined;
}

const logoTypes: Readonly<Record<string, string>> = { '.svg': 'image/svg+xml', '.png': 'image/png' };
const maxLogoBytes = 256 * 1024;

/** The portal with its logo read; what is wrong with that is added to the problems. */
export function resolvePortal({ logo, ...portal }: RawPortal, { directory, problems }: LoadContext): Portal {
  const ids = portal.sessionPolicies.map(({ id }) => id);
  if (new Set(ids).size < ids.length) problems.push('portal.sessionPolicies: two have the same id');
  if (logo === undefined) return { ...portal, logo };
  const type = logoTypes[extname(logo).toLowerCase()];
  if (type === undefined) problems.push(`portal.logo: ${logo} is neither .svg nor .png`);
  const bytes = readBytes(resolve(directory, logo));
  if (bytes === undefined) problems.push(`portal.logo: cannot read ${logo}`);
  else if (bytes.length > maxLogoBytes) problems.push(`portal.logo: ${logo} is larger than 256 KiB`);
  return { ...portal, logo: bytes && type !== undefined ? { bytes, type } : undefined };
}

function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
