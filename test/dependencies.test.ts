// What we build on: exact versions, a reason for each, and no copy of an XML library below the fixes that matter.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listItems } from './support/documentation.ts';

interface Package {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

interface Lock {
  readonly packages: Record<string, { readonly version?: string; readonly dev?: boolean; readonly integrity?: string }>;
}

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const manifest: Package = JSON.parse(read('package.json'));
const lockText = read('package-lock.json');
const lock: Lock = JSON.parse(lockText);
const runtime = Object.entries(manifest.dependencies);
const direct = [...runtime, ...Object.entries(manifest.devDependencies)];

/** Every copy of a package that reaches production, nested ones as well. */
function runtimeCopies(name: string): { path: string; version: string }[] {
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => !dev && (path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`)))
    .map(([path, { version = '' }]) => ({ path, version }));
}

function isAtLeast(version: string, floor: string): boolean {
  const [mine, wanted] = [version, floor].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)));
  const first = wanted!.findIndex((part, index) => part !== mine![index]);
  return first === -1 || (mine![first] ?? 0) > wanted![first]!;
}

describe('package.json', () => {
  test.each(direct)('%s has an exact version: %s', (_, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  });

  test.each(direct)('%s is in the lock as %s', (name, version) => {
    expect(lock.packages[`node_modules/${name}`]?.version).toBe(version);
  });
});

describe('docs/dependencies.md', () => {
  const page = read('docs/dependencies.md');
  const [before = '', after = ''] = page.split(/^## For development and tests$/m);
  const entries = (part: string) =>
    listItems(part)
      .map(({ head }) => head)
      .filter((entry) => entry.startsWith('`'));
  const named = (part: string) =>
    entries(part).flatMap((entry) => [...entry.split(': ')[0]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));

  test('names every package of production, and no other', () => {
    expect(named(before).sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  test('names every package of development, and no other', () => {
    expect(named(after).sort()).toEqual(Object.keys(manifest.devDependencies).sort());
  });

  test('says why each is here, and what would be without it', () => {
    for (const entry of entries(page)) expect(entry).toMatch(/^`[^:]+: .{6,} \*Without it:\* .{6,}$/);
  });
});

describe('package-lock.json', () => {
  test.each([
    ['@node-saml/node-saml', '5.1.0'], // signature bypasses before 5.1 (CVE-2025-54369, CVE-2025-54419)
    ['xml-crypto', '6.3.2'], // signature bypasses before 6.0.1 (CVE-2025-29774, CVE-2025-29775)
    ['@xmldom/xmldom', '0.8.15'],
    ['xml-encryption', '3.1.0'],
    ['xpath', '0.0.32'],
    ['xml2js', '0.6.2'], // prototype pollution before 0.5 (CVE-2023-0842)
    ['sax', '1.4.0'],
  ])('every copy of %s that reaches production is %s or newer', (name, floor) => {
    const copies = runtimeCopies(name);
    expect(copies.length).toBeGreaterThan(0);
    expect(copies.filter(({ version }) => !isAtLeast(version, floor))).toEqual([]);
  });

  test('the verifier is the version that we name, in one copy', () => {
    expect(runtimeCopies('xml-crypto')).toEqual([
      { path: 'node_modules/xml-crypto', version: manifest.dependencies['xml-crypto'] },
    ]);
  });

  test.each(['vitest', 'supertest', 'samlp', 'saxes', 'playwright-core', 'fast-check', 'tsx', 'typescript'])(
    '%s does not reach production',
    (name) => {
      expect(runtimeCopies(name)).toEqual([]);
    },
  );

  test('has a checksum for every package and names no registry', () => {
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(packages.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
    expect(lockText).not.toContain('"resolved"');
  });

  test('compares versions by number', () => {
    expect([isAtLeast('0.8.15', '0.8.9'), isAtLeast('0.8.9', '0.8.15'), isAtLeast('1.0.0', '0.9.9')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
