// Gets a real Valkey server with TLS without installing one: the distribution's, or of Debian 12 that of its backports.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPart, unpackedFolder } from './find-part.mjs';
import { unpackDebian } from './unpack-debian.mjs';

const PACKAGES = ['valkey-server', 'valkey-tools', 'libjemalloc2', 'liblzf1'];
const BACKPORTS =
  'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm-backports main';

/** @returns whether a Valkey can be used now; false without network: the caller names a command then */
export function unpackValkey() {
  const isUsable = () => findPart('valkey') !== undefined;
  const wish = { packages: PACKAGES, folder: unpackedFolder('valkey'), isUsable };
  return unpackDebian(wish) || withBackports((options) => unpackDebian({ ...wish, options }));
}

/** The lists of the system stay as they are. */
function withBackports(use) {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-apt-'));
  try {
    const [list, lists] = [join(directory, 'backports.list'), join(directory, 'lists')];
    mkdirSync(join(lists, 'partial'), { recursive: true });
    writeFileSync(list, `${BACKPORTS}\n${BACKPORTS.replace('-backports', '')}\n`);
    const options = [`Dir::Etc::sourcelist=${list}`, 'Dir::Etc::sourceparts=-', `Dir::State::Lists=${lists}`].concat(
      `Dir::Cache=${directory}`,
    );
    const args = ['APT::Sandbox::User=root', ...options].flatMap((option) => ['-o', option]);
    execFileSync('apt-get', [...args, 'update', '-qq'], { stdio: ['ignore', 'ignore', 'pipe'] });
    return use(options);
  } catch {
    return false; // the caller names the command that installs it
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
