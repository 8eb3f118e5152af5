// `npm run release -- key|sign`: the offline key of releases, and signatures with it. It needs Node and this folder alone, for
// a machine without a network.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createReleaseKey, signFile } from './release-signature.mjs';

const USAGE = `usage: npm run release -- key FOLDER              makes release.key (secret) and release.pub in the folder
       npm run release -- sign --key KEY FILE     writes FILE.minisig; FILE is the release.json of a release
  RELEASE_PASSPHRASE in the environment encrypts the key, and opens it.`;

try {
  run(process.argv.slice(2), process.env['RELEASE_PASSPHRASE']);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function run(argv, passphrase) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { key: { type: 'string' } },
    allowPositionals: true,
  });
  const [verb, path] = positionals;
  if (path === undefined || positionals.length > 2) throw new Error(USAGE);
  if (verb === 'key' && values.key === undefined) {
    createReleaseKey(resolve(path), passphrase);
    if (!passphrase) console.error('release.key is not encrypted: RELEASE_PASSPHRASE in the environment encrypts it');
    return;
  }
  if (verb !== 'sign' || values.key === undefined) throw new Error(USAGE);
  console.log(`${path}.minisig, by ${signFile(resolve(path), resolve(values.key), passphrase)}`);
}
