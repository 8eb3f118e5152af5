// The walls of the house, for what a file reaches through others as well: the linter sees one step only.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  /** A path from the root for our own files, else the package or `node:` module. */
  readonly target: string;
  /** Gone when the program runs. */
  readonly isType: boolean;
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Without comments and without the inside of strings. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const files = new Map(sourceFiles('src').map((file) => [file.path, file]));
const all = [...files.values()];
const beside = ['emulators', 'examples', 'test'].flatMap(sourceFiles);
const everything = new Map([...all, ...beside].map((file) => [file.path, file]));
const inFolder = (folder: RegExp) => beside.filter(({ path }) => folder.test(path));
const inRoom = (...rooms: string[]) => all.filter(({ path }) => rooms.some((room) => path.startsWith(`src/${room}/`)));

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join(folder, name).split(sep).join('/')));
}

function read(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`/])\/\/.*/g, '').replace(/'(?:\\.|[^'\\\n])*'/g, "''");
  return { path, text, code, imports: readImports(path, text) };
}

function readImports(path: string, text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?([^'";]*?\sfrom\s+)?'([^']+)'/gm);
  const dynamic = text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g);
  return [
    ...[...statements].map(([, type, names, target]) => {
      const onlyTypes = /^\{(\s*type\s[^,}]+,?)+\s*\}/.test(names?.trim() ?? '');
      return { target: toTarget(path, target!), isType: type !== undefined || onlyTypes };
    }),
    ...[...dynamic].map(([, target]) => ({ target: toTarget(path, target!), isType: false })),
  ];
}

function toTarget(from: string, to: string): string {
  return to.startsWith('.')
    ? normalize(join(from, '..', to))
        .split(sep)
        .join('/')
    : to;
}

/** Every file and package that a file reaches, with one way that leads there. Types count unless told otherwise. */
function reach(start: SourceFile, { types }: { types: boolean } = { types: true }): Map<string, string> {
  const ways = new Map([[start.path, start.path]]);
  const queue = [start];
  for (let file = queue.shift(); file; file = queue.shift()) {
    for (const { target, isType } of file.imports) {
      if (ways.has(target) || (isType && !types)) continue;
      ways.set(target, `${ways.get(file.path)} -> ${target}`);
      const next = everything.get(target);
      if (next) queue.push(next);
    }
  }
  ways.delete(start.path);
  return ways;
}

/** The ways from some files to whatever matches. */
function ways(from: readonly SourceFile[], to: RegExp, options?: { types: boolean }): string[] {
  return from.flatMap((file) => [...reach(file, options)].filter(([target]) => to.test(target)).map(([, way]) => way));
}

const importersOf = (target: RegExp, withTypes = true) =>
  all.filter((file) => file.imports.some((each) => target.test(each.target) && (withTypes || !each.isType)));
const paths = (some: readonly SourceFile[]) => some.map(({ path }) => path).sort();

describe('what this test sees', () => {
  test('is the whole of src, with its imports', () => {
    expect(all.length).toBeGreaterThan(60);
    expect(files.get('src/wiring/stores.ts')?.imports).toContainEqual({ target: 'src/store/memory.ts', isType: false });
    expect(files.get('src/wiring/stores.ts')?.imports).toContainEqual({
      target: 'src/store/key-value.ts',
      isType: true,
    });
    expect(reach(files.get('src/server.ts')!).get('ioredis')).toMatch(/^src\/server\.ts -> .* -> ioredis$/);
  });

  test('every import of our own leads to a file', () => {
    const own = all.flatMap(({ path, imports }) => imports.map(({ target }) => [path, target] as const));
    const broken = own.filter(
      ([, target]) => /^(src|emulators|test|examples)\//.test(target) && !existsSync(join(root, target)),
    );
    expect(broken).toEqual([]);
  });
});

describe('rooms', () => {
  const pure = ['saml', 'oidc', 'access', 'aws', 'store', 'wire'];

  test.each(pure)('%s reaches none of the other pure rooms, nor those above', (room) => {
    const others = [
      ...pure.filter((other) => other !== room),
      'broker',
      'http',
      'cli',
      'oauth',
      'config',
      'audit',
      'admin',
      'provisioning',
      'wiring',
    ];
    expect(ways(inRoom(room), new RegExp(`^src/(${others.join('|')})/`))).toEqual([]);
  });

  test.each(pure)('%s reaches nothing that wires or starts', (room) => {
    expect(ways(inRoom(room), /^src\/(wiring\/|(server|cli)\.ts$)/)).toEqual([]);
  });

  test('saml and access reach neither the network nor the file system', () => {
    expect(ways(inRoom('saml', 'access'), /^node:(https?|net|tls|fs|dgram|child_process)/)).toEqual([]);
  });

  test('access knows its own words, networks, the search of roles, how to hash, and an engine for patterns', () => {
    expect(
      ways(
        inRoom('access'),
        /^(?!src\/access\/|src\/(invisible-characters|networks)\.ts$|src\/role-search\/|node:crypto$|re2js$|ipaddr\.js$)/,
      ),
    ).toEqual([]);
  });

  test('wire knows zod, and how to hash', () => {
    expect(ways(inRoom('wire'), /^(?!src\/wire\/|zod$|node:crypto$)/)).toEqual([]);
  });

  test('audit and broker know nothing of HTTP', () => {
    expect(ways(inRoom('audit', 'broker'), /^(src\/http\/|express)/)).toEqual([]);
  });

  test('oauth knows neither Express nor a page', () => {
    expect(ways(inRoom('oauth'), /^(src\/(http|aws|saml)\/|express|ioredis)/, { types: false })).toEqual([]);
  });

  test('broker reaches no driver itself, and when it runs none at all', () => {
    const drivers = /^(express|express-session|ioredis|@aws-sdk\/|@smithy\/|helmet)/;
    const direct = inRoom('broker').filter(({ imports }) => imports.some(({ target }) => drivers.test(target)));
    expect(paths(direct)).toEqual([]);
    expect(ways(inRoom('broker'), drivers, { types: false })).toEqual([]);
  });

  test('the command line shares no server part', () => {
    const clients = [...inRoom('cli'), ...all.filter(({ path }) => path === 'src/cli.ts')];
    expect(ways(clients, /^(express|ioredis|@aws-sdk\/|@node-saml\/|src\/(http|broker|store|saml|config)\/)/)).toEqual(
      [],
    );
  });

  test('nothing in src reaches emulators, tests, examples, benches or tools', () => {
    expect(ways(all, /^(emulators|test|examples|bench|tools|vitest)(\/|$)/)).toEqual([]);
    expect(ways(all, /^(supertest|playwright-core|fast-check|@peculiar\/x509|saxes|samlp|tsx)/)).toEqual([]);
  });
});

describe('folders inside a folder', () => {
  /** The imports that lead from some folders of src straight to a folder of it. */
  const between = (from: RegExp, to: RegExp) =>
    all
      .filter(({ path }) => from.test(path))
      .flatMap(({ path, imports }) =>
        imports.filter(({ target }) => to.test(target)).map(({ target }) => [path, target]),
      );

  test.each([
    ['saml/xml', 'saml', []],
    ['broker/idp-metadata', 'broker', []],
    ['broker/grants', 'broker', ['sign-in']],
    ['broker/offboarding', 'broker', ['sign-in']],
    ['broker/sign-in', 'broker', ['credentials', 'idp-metadata']],
    ['cli/machine', 'cli', []],
    ['cli/processes', 'cli', ['machine']],
    ['cli/sign-in', 'cli', ['credentials', 'machine', 'processes']],
    ['cli/roles', 'cli', ['machine', 'processes', 'sign-in']],
    ['cli/curl', 'cli', ['credentials', 'machine']],
    ['cli/update', 'cli', ['machine']],
    ['http/middleware', 'http', ['page', 'sign-in']],
    ['http/offboarding', 'http', ['middleware']],
    ['http/sign-out', 'http', ['middleware', 'page']],
  ])('%s imports no other folder of %s, apart from %j', (folder, parent, allowed) => {
    const others = new RegExp(`^src/${parent}/(?!(${[...allowed, folder.split('/').at(-1)].join('|')})/)[^/]+/`);
    expect(between(new RegExp(`^src/${folder}/`), others)).toEqual([]);
  });

  test.each([
    ['cli/commands', /^src\/cli\/program\.ts$/],
    ['provisioning', /^src\/(server\.ts|admin\/)/],
    ['wiring', /^src\/admin\/commands\//],
    ['broker/credentials/modes', /^src\/(wiring\/federation\.ts$|broker\/credentials\/)/],
    ['http/api', /^src\/http\/app\.ts$/],
  ])('%s is imported from nowhere but %s', (folder, importers) => {
    const users = between(/^src\//, new RegExp(`^src/${folder}/`)).map(([path]) => path!);
    expect(users.filter((path) => !importers.test(path) && !path.startsWith(`src/${folder}/`))).toEqual([]);
  });
});

test('pages take texts from the features, and nothing else', () => {
  const known = /\/messages\/\w+\.ts$/;
  const taken = inRoom('http/page').flatMap(({ imports }) => imports.map(({ target }) => target));
  const others = taken.filter((target) => /^src\/http\/(?!page\/|middleware\/)[^/]+\//.test(target));
  expect(others.filter((target) => !known.test(target))).toEqual([]);
});

describe('beside src', () => {
  test('the emulators import neither the product nor its tests nor the examples', () => {
    expect(ways(inFolder(/^emulators\/(?!test\/)/), /^(src|test|examples|bench|tools|emulators\/test)\//)).toEqual([]);
  });

  test('the examples and the container image need no tests', () => {
    expect(ways(inFolder(/^examples\//), /^(test|emulators\/test)\//)).toEqual([]);
    expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).not.toMatch(/^COPY .*\btest\b/m);
  });

  test('a unit test needs no server, no Redis, no other program, no browser and no whole broker', () => {
    const units = inFolder(/^test\/(?!(app|browser|interop|attacks|field|cluster)\/).*(?<!\.(app|store))\.test\.ts$/);
    expect(units.length).toBeGreaterThan(90);
    const support =
      /^test\/support\/(redis|chromium|global-setup|page-server|children|parts\/.*|http-browser\/http-browser)\.m?ts$/;
    expect(ways(units, support)).toEqual([]);
    expect(ways(units, /^emulators\/\w+\/server\.ts$|^src\/wiring\/compose/)).toEqual([]);
    expect(paths(units.filter(({ text }) => /\.listen\(/.test(text.replaceAll('\\.listen', ''))))).toEqual([]);
    expect(paths(units.filter(({ text }) => /\binject\(/.test(text.replaceAll('\\binject', ''))))).toEqual([]);
  });

  test('the folders of tests are those of src, but for the projects and what has no code there', () => {
    const others = /^test\/(app|browser|interop|attacks|field|cluster|support|fixtures|deploy|examples|tools)\//;
    const tests = beside.filter(({ path }) => /^test\/.*\/.*\.test\.ts$/.test(path) && !others.test(path));
    const mirrored = tests.map(({ path }) => path.replace(/^test\//, 'src/').replace(/[^/]*$/, ''));
    expect([...new Set(mirrored)].filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });

  test('the tests wait in functions of the page: its policy forbids what is evaluated from strings', () => {
    expect(paths(beside.filter(({ text }) => /waitForFunction\(\s*['"`]/.test(text)))).toEqual([]);
  });
});

describe('one place for each', () => {
  test('stores.ts alone picks memory or Redis', () => {
    expect(paths(importersOf(/^src\/store\/(memory|redis)\.ts$/, false))).toEqual(['src/wiring/stores.ts']);
  });

  test.each([
    [/^(@node-saml|@xmldom)\//, ['src/saml/reference-verifier.ts']],
    [/^xml-crypto$/, ['src/saml/reference-verifier.ts', 'src/saml/sign-message.ts']],
    [
      /^ioredis$/,
      ['redis-ask', 'redis-causes', 'redis-check', 'redis-client', 'redis-replicas', 'redis'].map(
        (name) => `src/store/${name}.ts`,
      ),
    ],
    [
      /^@aws-sdk\//,
      [
        ...[
          'cloudwatch-logs',
          'configuration/organizations',
          'configuration/stored-values',
          'iam-client',
          'kms-signer',
        ],
        ...['own-identity', 'sts-client', 'sts'],
      ].map((name) => `src/aws/${name}.ts`),
    ],
    [/^express-session$/, ['src/http/middleware/session-middleware.ts']],
    [/^pino$/, ['src/log.ts']],
    [/^@opentelemetry\//, ['src/wiring/tracing.ts']],
    [
      /^oidc-provider$/,
      ['authorization-server', 'exchange', 'provider', 'pushed-request', 'token-adapter'].map(
        (name) => `src/oauth/${name}.ts`,
      ),
    ],
  ])('%s is imported in one file', (target, expected) => {
    expect(paths(importersOf(target))).toEqual(expected);
  });

  test('xml-crypto, which brings xmldom, is loaded on use: an idle process does without it', () => {
    const isLoadedAtOnce = ({ text }: SourceFile) => /^import (?!type).*'xml-crypto'/m.test(text);
    expect(paths(all.filter(isLoadedAtOnce))).toEqual(['src/saml/reference-verifier.ts']);
    expect(paths(all.filter(({ text }) => /^import .*reference-verifier\.ts'/m.test(text)))).toEqual([
      'src/saml/reference-worker.ts',
    ]);
  });

  const saying = (words: RegExp) => paths(all.filter(({ code }) => words.test(code)));

  test('clock.ts alone reads the time', () => {
    expect(saying(/\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\)|performance\.now/)).toEqual(['src/clock.ts']);
  });

  test('random.ts alone draws randomness', () => {
    const sources = /\b(randomBytes|randomUUID|randomInt|randomFillSync|getRandomValues)\b|Math\.random/;
    expect(saying(sources)).toEqual(['src/random.ts']);
  });

  test('the entries alone exit the process', () => {
    const entries = ['src/cli.ts', 'src/server.ts'];
    expect(saying(/\bprocess\.(exit|abort|kill)\b/).filter((path) => !entries.includes(path))).toEqual([]);
  });

  test('the entries alone read the environment, and hand it on', () => {
    const entries = ['src/cli.ts', 'src/node-version.ts', 'src/server.ts'];
    // The SDK looks for the broker's own identity in the environment: its errors are explained by what it found there.
    const all = [...entries, 'src/aws/own-identity.ts'];
    const reading = saying(/\bprocess\.env\b|import \{[^}]*\benv\b[^}]*\} from 'node:process'/);
    expect(reading.filter((path) => !all.includes(path))).toEqual([]);
  });

  test('only the log and the entries write to the console', () => {
    expect(saying(/\bconsole\.(log|error|warn|info|debug|trace)\b/)).toEqual([]);
  });
});

describe('form', () => {
  test.each(['src', 'emulators', 'test'])('no folder of %s holds more than 25 files', (folder) => {
    const counts = new Map<string, number>();
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) counts.set(entry.parentPath, (counts.get(entry.parentPath) ?? 0) + 1);
    }
    const wide = [...counts].filter(([, count]) => count > 25).map(([path]) => relative(root, path));
    expect(wide).toEqual([]);
  });

  test('no file is longer than 250 lines', () => {
    const long = all.filter(({ text }) => text.split('\n').length - 1 > 250);
    expect(paths(long)).toEqual([]);
  });

  test('every file says on top what it owns', () => {
    expect(paths(all.filter(({ text }) => !/^(#!.*\n)?\/\/ \S/.test(text)))).toEqual([]);
  });

  test('there are no default exports, enums, namespaces or barrels', () => {
    const words = /^export default\b|^(export )?(const )?enum\b|^(export )?namespace\b|^export \* from/m;
    expect(paths(all.filter(({ code }) => words.test(code)))).toEqual([]);
  });

  test('classes are for errors, and for libraries that want to be extended', () => {
    const others = all.filter(({ code }) => /^(export )?class (?!\w*Error extends )/m.test(code));
    expect(paths(others)).toEqual(['src/http/middleware/session-middleware.ts', 'src/saml/reference-verifier.ts']);
  });

  test('nothing is left to do, skipped or silenced', () => {
    const tests = sourceFiles('test').filter(({ path }) => path !== relative(root, fileURLToPath(import.meta.url)));
    expect(
      paths([...all, ...tests].filter(({ text }) => /\bTODO\b|\bFIXME\b|@ts-(ignore|expect-error|nocheck)/.test(text))),
    ).toEqual([]);
    expect(paths(tests.filter(({ code }) => /\b(test|it|describe)\.(skip|only|todo|fails)\b/.test(code)))).toEqual([]);
  });
});
