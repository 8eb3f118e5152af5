// Knows which programs and data the suite needs beside Node (Redis, xmlsec1, a Chromium, an AWS CLI, other people's SAML
// software), where they may lie and how each is installed. Plain JavaScript without dependencies: `pretest` runs it
// before anything is compiled.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url));

/** Where a Redis server lies that was unpacked, not installed: no root needed and no service started on port 6379. */
export const UNPACKED_REDIS = join(CACHE, 'rolegate-redis');

/** A Keycloak as it was unpacked and built; not installed, since systems have no package of it. */
export const UNPACKED_KEYCLOAK = join(CACHE, 'rolegate-keycloak');

const CHROME_ON_MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
const SIMPLESAMLPHP_RELEASE =
  'https://github.com/simplesamlphp/simplesamlphp/releases/download/v1.19.7/simplesamlphp-1.19.7.tar.gz';
const KUBECTL_RELEASE = 'https://dl.k8s.io/release/v1.32.4/bin/linux/amd64/kubectl';
const SCHEMAS = join(CACHE, 'rolegate-saml-schemas/usr/share/xml');
const SCHEMAS_DOWNLOAD = [
  ['opensaml', 'https://docs.oasis-open.org/security/saml/v2.0/saml-schema-{protocol,assertion,metadata}-2.0.xsd'],
  ['xmltooling', 'https://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd'],
  ['xmltooling', 'https://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd'],
  ['xmltooling', 'https://www.w3.org/2001/xml.xsd'],
]
  .map(([folder, url]) => `curl -fsSL --create-dirs --output-dir '${SCHEMAS}/${folder}' --remote-name-all '${url}'`)
  .join(' && ');
const PHP_EXTENSIONS = ['dom', 'mbstring', 'openssl', 'session', 'SimpleXML'];

/**
 * One row per part: how to find it, and its name at the package managers we can name a command for. A part with `holds`
 * is a folder with these files, any other an executable; `linux` is a command where no package manager of Linux has it; `works` are arguments with which it must succeed; `unpack` are
 * Debian packages of data, which need no installing (SimpleSAMLphp's would bring a web server and start it).
 */
export const PARTS = {
  redis: {
    override: 'REDIS_SERVER_BIN',
    places: ['redis-server', 'valkey-server', join(UNPACKED_REDIS, 'usr/bin/redis-server')],
    apt: 'redis-server',
    brew: 'redis',
  },
  valkey: {
    override: 'VALKEY_SERVER_BIN',
    places: ['valkey-server', join(CACHE, 'rolegate-valkey/usr/bin/valkey-server')],
    apt: 'valkey-server',
    brew: 'valkey',
  },
  xmlsec1: { override: 'XMLSEC1_PATH', places: ['xmlsec1'], apt: 'xmlsec1', brew: 'libxmlsec1' },
  chromium: {
    override: 'CHROMIUM_PATH',
    places: ['chromium', '/usr/bin/chromium', 'google-chrome', 'google-chrome-stable', CHROME_ON_MACOS],
    apt: 'chromium',
    brew: '--cask google-chrome',
    // Ubuntu has Chromium and (since 24.04) the AWS CLI as snaps only.
    ubuntu: 'snap install chromium',
  },
  aws: {
    override: 'AWS_CLI_PATH',
    places: ['aws'],
    apt: 'awscli',
    brew: 'awscli',
    ubuntu: 'snap install aws-cli --classic',
  },
  php: {
    override: 'PHP_PATH',
    places: ['php'],
    works: ['-r', `exit(array_diff(['${PHP_EXTENSIONS.join("', '")}'], get_loaded_extensions()) ? 1 : 0);`],
    apt: 'php-cli php-mbstring php-xml',
    brew: 'php',
  },
  simplesamlphp: {
    override: 'SIMPLESAMLPHP_DIR',
    places: [
      '/usr/share/simplesamlphp',
      join(CACHE, 'rolegate-simplesamlphp/usr/share/simplesamlphp'),
      join(CACHE, 'simplesamlphp-1.19.7'),
    ],
    holds: ['www/saml2/idp/SSOService.php', 'vendor/autoload.php'],
    unpack: ['simplesamlphp'],
    apt: 'simplesamlphp',
    macos: `curl -fsSL ${SIMPLESAMLPHP_RELEASE} | tar -xz -C '${CACHE}'`,
  },
  pysaml2: {
    override: 'PYSAML2_PYTHON',
    places: ['/usr/bin/python3', 'python3'],
    works: ['-c', 'import saml2'],
    apt: 'python3-pysaml2',
    macos: 'python3 -m pip install pysaml2',
  },
  boto3: {
    override: 'BOTO3_PYTHON',
    places: ['/usr/bin/python3', 'python3'],
    works: ['-c', 'import boto3'],
    apt: 'python3-boto3',
    macos: 'python3 -m pip install boto3',
  },
  java: { override: 'JAVA_PATH', places: ['java'], works: ['-version'], apt: 'default-jre-headless', brew: 'openjdk' },
  maven: { override: 'MAVEN_PATH', places: ['mvn'], apt: 'maven', brew: 'maven' },
  // ensure-parts.mjs fetches it with the two above.
  keycloak: {
    override: 'KEYCLOAK_DIR',
    places: [UNPACKED_KEYCLOAK],
    holds: ['lib/quarkus-run.jar', 'lib/quarkus/generated-bytecode.jar'],
    linux: 'npm run pretest',
    macos: 'npm run pretest',
  },
  // Debian's is too old for this Kustomize.
  kubectl: {
    override: 'KUBECTL_PATH',
    places: ['kubectl', join(CACHE, 'kubectl')],
    works: ['kustomize', '--help'],
    linux: `curl -fsSL -o '${join(CACHE, 'kubectl')}' ${KUBECTL_RELEASE} && chmod 755 '${join(CACHE, 'kubectl')}'`,
    brew: 'kubernetes-cli',
  },
  // On Linux only, and so are its tests.
  systemd: { override: 'SYSTEMD_ANALYZE_PATH', places: ['systemd-analyze'], apt: 'systemd', isLinux: true },
  nginx: {
    override: 'NGINX_PATH',
    places: ['nginx', '/usr/sbin/nginx', join(CACHE, 'rolegate-nginx/usr/sbin/nginx')],
    works: ['-v'],
    unpack: ['nginx'],
    apt: 'nginx',
    brew: 'nginx',
  },
  haproxy: {
    override: 'HAPROXY_PATH',
    places: ['haproxy', '/usr/sbin/haproxy', join(CACHE, 'rolegate-haproxy/usr/sbin/haproxy')],
    unpack: ['haproxy', 'liblua5.3-0', 'libopentracing-c-wrapper0', 'libopentracing1'],
    apt: 'haproxy',
    brew: 'haproxy',
  },
  apache: {
    override: 'APACHE_PATH',
    places: ['apache2', '/usr/sbin/apache2', join(CACHE, 'rolegate-apache/usr/sbin/apache2')],
    unpack: ['apache2-bin', 'libapr1', 'libaprutil1'],
    apt: 'apache2-bin',
    brew: 'httpd',
  },
  promtool: {
    override: 'PROMTOOL_PATH',
    places: ['promtool', join(CACHE, 'rolegate-promtool/usr/bin/promtool')],
    works: ['--version'],
    // Installed, it would start a Prometheus on port 9090.
    unpack: ['prometheus'],
    apt: 'prometheus',
    brew: 'prometheus',
  },
  minisign: { override: 'MINISIGN_PATH', places: ['minisign'], apt: 'minisign', brew: 'minisign' },
  // With rpm, which reads packages.
  rpmbuild: { override: 'RPMBUILD_PATH', places: ['rpmbuild'], apt: 'rpm', brew: 'rpm' },
  xmllint: { override: 'XMLLINT_PATH', places: ['xmllint'], apt: 'libxml2-utils', brew: 'libxml2' },
  'saml-schemas': {
    override: 'SAML_SCHEMAS_DIR',
    places: ['/usr/share/xml', SCHEMAS],
    holds: [
      ...['protocol', 'assertion', 'metadata'].map((name) => `opensaml/saml-schema-${name}-2.0.xsd`),
      ...['xmldsig-core-schema', 'xenc-schema', 'xml'].map((name) => `xmltooling/${name}.xsd`),
    ],
    unpack: ['opensaml-schemas', 'xmltooling-schemas'],
    apt: 'opensaml-schemas xmltooling-schemas',
    macos: SCHEMAS_DOWNLOAD,
  },
};

/** Where the data packages of a part are unpacked. */
export function unpackedFolder(name) {
  return join(CACHE, `rolegate-${name}`);
}

/** The path of a part, or undefined. An override in the environment wins and is not second-guessed by a search. */
export function findPart(name) {
  const { override, places } = PARTS[name];
  const chosen = process.env[override];
  if (chosen) return isUsable(name, chosen) ? chosen : undefined;
  for (const place of places) {
    const found = place.includes('/') ? place : findOnPath(place);
    if (found && isUsable(name, found)) return found;
  }
  return undefined;
}

function isUsable(name, path) {
  const { holds, works } = PARTS[name];
  if (holds) return holds.every((file) => existsSync(join(path, file)));
  return isExecutable(path) && (works === undefined || spawnSync(path, works, { stdio: 'ignore' }).status === 0);
}

/** The first executable of that name on PATH, or undefined. */
export function findOnPath(program) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/** The one command a person runs to get the named parts on this system. */
export function installCommand(names) {
  if (process.platform === 'darwin') {
    return names.map((name) => PARTS[name].macos ?? `brew install ${PARTS[name].brew}`).join(' && ');
  }
  const snaps = isUbuntu() ? names.filter((name) => PARTS[name].ubuntu) : [];
  const packages = names.filter((name) => PARTS[name].apt && !snaps.includes(name)).map((name) => PARTS[name].apt);
  const commands = snaps.map((name) => `sudo ${PARTS[name].ubuntu}`);
  commands.push(...names.flatMap((name) => PARTS[name].linux ?? []));
  if (packages.length > 0) commands.unshift(`sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`);
  return commands.join(' && ');
}

/** What a program that was unpacked needs beside the usual environment: its libraries lie next to it. */
export function unpackedEnvironment(name, path) {
  const folder = unpackedFolder(name);
  if (!path.startsWith(folder)) return {};
  const libraries = join(folder, 'usr/lib');
  const folders = existsSync(libraries) ? readdirSync(libraries).map((each) => join(libraries, each)) : [];
  return { LD_LIBRARY_PATH: folders.join(delimiter) };
}

/** What a Redis that was unpacked needs beside the usual environment: its libraries lie next to it. */
export function redisEnvironment(path) {
  if (!path.startsWith(UNPACKED_REDIS)) return {};
  const libraries = join(UNPACKED_REDIS, 'usr/lib');
  const folders = existsSync(libraries) ? readdirSync(libraries).map((name) => join(libraries, name)) : [];
  return { LD_LIBRARY_PATH: folders.join(delimiter) };
}

/** Ubuntu, as /etc/os-release says. */
export function isUbuntu() {
  return existsSync('/etc/os-release') && /^ID=ubuntu$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // missing or not executable: either way not a part
  }
}
