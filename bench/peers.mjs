// `node bench/peers.mjs`: names the peers that are missing; with `--install` installs them with apt-get (Debian, Ubuntu).
// `npm run bench` itself installs nothing.
import { spawnSync } from 'node:child_process';

/** Packages whose programs bench/peers and bench/subjects start. */
const packages = ['apache2', 'shibboleth-sp-utils', 'libapache2-mod-shib', 'libapache2-mod-auth-mellon'].concat(
  'python3-lxml',
  'python3-xmlsec',
);

const names = packages.filter((name) => !isInstalled(name));
if (names.length === 0) {
  console.log('all peers are installed');
} else if (process.argv.includes('--install')) {
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const [command, ...args] = [...sudo, 'apt-get', 'install', '-y', '--no-install-recommends', ...names];
  process.exitCode = spawnSync(command, args, options).status ?? 1;
} else {
  console.log(`missing: ${names.join(' ')}\ninstall them with: node bench/peers.mjs --install`);
}

function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholder
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' });
  return stdout?.endsWith(' installed') === true;
}
