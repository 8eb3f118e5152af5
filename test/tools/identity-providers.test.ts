// The pages about identity providers: each has its sections, and the configuration that it shows loads.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createWorkplace, goodProduction, problemsOf, type Raw, type Workplace } from '../config/support/workplace.ts';
import { keyPair } from '../support/key-pairs.ts';

const docs = new URL('../../docs/', import.meta.url);
const folder = new URL('identity-providers/', docs);
const names = readdirSync(folder).filter((name) => name !== 'README.md');
const read = (name: string, base = folder) => readFileSync(new URL(name, base), 'utf8');

/** The blocks of YAML, as sections of a configuration. */
const snippetsOf = (text: string): Raw[] =>
  [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml]) => parse(yaml!) as Raw);

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  workplace.writePair('encryption', keyPair('sp-decryption'));
  workplace.write('google-metadata.xml', readFileSync(workplace.path('idp-metadata.xml'), 'utf8'));
  workplace.write('federation.crt', keyPair('federation').cert);
});
afterAll(() => workplace.remove());

test('the index links every page', () => {
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(read('README.md')).toContain(`](${name})`);
});

describe.each(names)('%s', (name) => {
  const text = read(name);
  const snippets = snippetsOf(text);

  test('has every section', () => {
    const sections = ['Settings in Rolegate', 'Attributes', 'Step-up', 'Logout', 'Certificate rollover', 'Known traps'];
    for (const section of sections) expect(text).toContain(`\n## ${section}\n`);
    expect(text.match(/^## Settings in /gm)).toHaveLength(2);
  });

  test('has an identity provider and a rule', () => {
    const keys = snippets.flatMap((snippet) => Object.keys(snippet));
    expect(keys).toEqual(expect.arrayContaining(['identityProviders', 'rules']));
  });

  test.each(snippets.map((snippet, index) => [index + 1, snippet] as const))('snippet %i loads', async (_, snippet) => {
    expect(await problemsOf(workplace, { ...goodProduction(), ...snippet })).toEqual([]);
  });
});

test('the snippet of AD FS loads', async () => {
  const [snippet] = snippetsOf(read('adfs.md', docs));
  expect(await problemsOf(workplace, { ...goodProduction(), ...snippet })).toEqual([]);
});

test('a snippet with an unknown key does not', async () => {
  const [snippet] = snippetsOf(read('okta.md').replace('  - id: okta', '  - id: okta\n    unknown: true'));
  expect(await problemsOf(workplace, { ...goodProduction(), ...snippet })).toEqual([
    expect.stringContaining('unknown'),
  ]);
});
