// What the portal looks like and allows: the part of the configuration that people see.
import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { z } from 'zod';
import { between } from './fields.ts';
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
  /** What their sign-in needs for that, as `require` of a rule. */
  administratorSignIn: z
    .strictObject({ authnContext: z.string().optional(), maxAuthenticationAge: between(1, 24 * 60).default(3_600_000) })
    .prefault({}),
  /** Origins that may show the portal in a frame. */
  embedders: z.array(origin).default([]),
  /** Origins whose console links open without asking. */
  trustedReferrers: z.array(origin).default([]),
  /** Session policies that people may choose, such as "read-only". */
  sessionPolicies: z.array(sessionPolicy).max(10).default([]),
});
const logoTypes: Readonly<Record<string, string>> = { '.svg': 'image/svg+xml', '.png': 'image/png' };
const maxLogoBytes = 256 * 1024;

export type Portal = Readonly<ReturnType<typeof resolvePortal>>;

/** The portal with its logo read; a logo that cannot be used is added to the problems. */
export function resolvePortal({ logo, ...portal }: z.output<typeof portalSchema>, context: LoadContext) {
  const { directory, problems } = context;
  const ids = portal.sessionPolicies.map(({ id }) => id);
  if (new Set(ids).size < ids.length) problems.push('portal.sessionPolicies: two have the same id');
  if (logo === undefined) return { ...portal, logo: undefined };
  const type = logoTypes[extname(logo).toLowerCase()];
  if (type === undefined) problems.push(`portal.logo: ${logo} is neither .svg nor .png`);
  let bytes: Buffer | undefined;
  try {
    bytes = readFileSync(resolve(directory, logo));
    if (bytes.length > maxLogoBytes) problems.push(`portal.logo: ${logo} is larger than 256 KiB`);
  } catch {
    problems.push(`portal.logo: cannot read ${logo}`);
  }
  return { ...portal, logo: bytes && type !== undefined ? { bytes, type } : undefined };
}
