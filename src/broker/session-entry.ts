// What the session directory knows of a browser session or CLI session.
import { z } from 'zod';

const text = z.string();

/** What the machine of a command line says about itself. */
export const deviceShape = z.object({ host: text, os: text, user: text });
export type Device = Readonly<z.output<typeof deviceShape>>;

const commonShape = z.object({
  idp: text,
  user: text,
  /** Milliseconds since 1970. */
  signedInAt: z.number(),
  /** When it ends at the latest. Milliseconds since 1970. */
  expiresAt: z.number(),
  /** Address as this server saw it. */
  address: text,
});

export const sessionEntryShape = z.discriminatedUnion('kind', [
  commonShape.extend({ kind: z.literal('browser'), userAgent: text }),
  commonShape.extend({ kind: z.literal('cli'), device: deviceShape }),
]);
export type SessionEntry = Readonly<z.output<typeof sessionEntryShape>>;

const browsers: readonly [name: string, pattern: RegExp][] = [
  ['Edge', /Edg[A-Z]?[a-z]*\/(\d+)/],
  ['Firefox', /Firefox\/(\d+)/],
  ['Chrome', /Chrom(?:e|ium)\/(\d+)/],
  ['Safari', /Version\/(\d+).*Safari/],
];
const systems: readonly [name: string, pattern: RegExp][] = [
  ['Windows', /Windows/],
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['macOS', /Mac OS X/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
];

/** For people to recognise: the user agent's browser and system, or the machine of a command line. */
export function machineOf(entry: SessionEntry): string {
  if (entry.kind === 'cli') {
    return machineName(entry.device);
  }
  const { userAgent } = entry;
  const browser = browsers.flatMap(([name, pattern]) => {
    const version = pattern.exec(userAgent)?.[1];
    return version === undefined ? [] : [`${name} ${version}`];
  })[0];
  const system = systems.find(([, pattern]) => pattern.test(userAgent))?.[0];
  if (browser === undefined) return userAgent.slice(0, 40);
  return system === undefined ? browser : `${browser}, ${system}`;
}

export function machineName({ host, os, user }: Device): string {
  return `${user}@${host} (${os})`;
}
