// Gets a real Keycloak from Maven, where its makers publish it as one archive, and builds it for an in-memory database.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findPart, UNPACKED_KEYCLOAK } from './find-part.mjs';

const ARCHIVE = 'org.keycloak:keycloak-quarkus-dist:26.5.6:zip';

/** @returns whether a Keycloak can be used now; false without Maven, Java or network: the caller names a command then */
export function unpackKeycloak() {
  const [java, maven] = [findPart('java'), findPart('maven')];
  if (java === undefined || maven === undefined) return false;
  mkdirSync(dirname(UNPACKED_KEYCLOAK), { recursive: true });
  const work = mkdtempSync(`${UNPACKED_KEYCLOAK}-`);
  try {
    run(maven, ['-B', '-q', 'dependency:unpack', `-Dartifact=${ARCHIVE}`, `-DoutputDirectory=${work}`], work);
    const [name] = readdirSync(work).filter((each) => each.startsWith('keycloak-'));
    const root = join(work, name);
    // Once here instead of at every start: it takes longer than the start itself.
    run('sh', [join(root, 'bin/kc.sh'), 'build', '--db=dev-mem'], work, { JAVA: java });
    // Renamed into place, so that a second test run at the same time never sees half of it.
    if (findPart('keycloak') === undefined) renameSync(root, UNPACKED_KEYCLOAK);
  } catch (error) {
    console.error(`Keycloak could not be fetched: ${error.stdout || error.stderr || error.message}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return findPart('keycloak') !== undefined;
}

function run(command, args, cwd, env = {}) {
  const options = { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', env: { ...process.env, ...env } };
  execFileSync(command, args, options);
}
