// `npm run licences`: fails on a package of production whose licence is not on the list. Packages for development are not given to anybody.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Permissive licences without a duty beyond naming the authors.
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
]);

/** Whether an SPDX expression can be met with the list: one side of each OR, all sides of each AND. */
export function isAllowed(expression) {
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  return plain.split(' OR ').some((side) => side.split(' AND ').every((licence) => ALLOWED.has(licence)));
}

/** What of a lock file ships under a licence that is not on the list, or under none that it names. */
export function findForbidden(lock) {
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .filter(([, { license }]) => license === undefined || !isAllowed(license))
    .map(
      ([path, { version, license = 'no licence' }]) => `${path.replace('node_modules/', '')} ${version}: ${license}`,
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const forbidden = findForbidden(JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')));
  if (forbidden.length > 0) {
    console.error(`Licences that tools/licences.mjs does not allow:\n  ${forbidden.join('\n  ')}`);
    process.exitCode = 1;
  }
}
