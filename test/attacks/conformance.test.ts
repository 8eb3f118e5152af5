// docs/conformance.md is only worth what its proofs are: every file and every name that it gives has to be there.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listItems } from '../support/documentation.ts';

const page = new URL('../../docs/conformance.md', import.meta.url);
const rows = listItems(readFileSync(page, 'utf8'))
  .filter(({ head }) => /^\*\*(IIP|SDP)-/.test(head))
  .map(({ head, parts }) => [head, parts.get('Rolegate'), parts.get('Shown by')] as const);

describe.each(rows)('%s', (_id, answer, evidence) => {
  test('has an answer', () => {
    expect(answer).toMatch(/^(yes|no|partly|deviation)\b/);
  });

  test('is shown by what it says', () => {
    const proofs = [...(evidence ?? '').matchAll(/\]\(([^)]+)\) "((?:[^"])+)"/g)];
    if (proofs.length === 0) expect(evidence ?? 'nothing shows').toMatch(/^nothing shows/);
    for (const [, file, name] of proofs) expect(readFileSync(new URL(file!, page), 'utf8'), file).toContain(name);
  });
});

test('every row of the profiles that a service provider answers for is there', () => {
  const ids = rows.map(([id]) => id).join(', ');
  const ranges = [
    ...['G01', 'G02', 'G03', 'MD01', 'MD02', 'MD03', 'MD04', 'MD05', 'MD06', 'MD07', 'MD09', 'MD10', 'MD11', 'MD12'],
    ...[
      'SSO01',
      'SSO04',
      'SSO05',
      'SSO06',
      'SSO07',
      'SP01',
      'SP03',
      'SP04',
      'SP06',
      'SP08',
      'SP09',
      'SP12',
      'SP13',
      'SP14',
    ],
    ...['ALG01', 'ALG03', 'ALG04', 'ALG08'],
  ].map((id) => `IIP-${id}`);
  for (const id of ranges) expect(ids).toContain(id);
});
