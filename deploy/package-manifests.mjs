// What package managers and auditors read about the executables of `rolegate`: Debian packages, a Homebrew formula, a Scoop
// manifest, and an SBOM.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DESCRIPTION = 'AWS access through your company sign-in';

/** Names of the packages made: one, or none without dpkg-deb. */
export function debianPackage({ folder, platform, version, out, work }) {
  if (spawnSync('dpkg-deb', ['--version']).status !== 0) return [];
  const architecture = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' }[platform];
  const root = join(work, `deb-${architecture}`);
  const documents = join(root, 'usr/share/doc/rolegate');
  for (const path of [join(root, 'DEBIAN'), join(root, 'usr/bin'), documents]) {
    mkdirSync(path, { recursive: true });
  }
  cpSync(join(folder, 'rolegate'), join(root, 'usr/bin/rolegate'));
  chmodSync(join(root, 'usr/bin/rolegate'), 0o755);
  for (const name of ['LICENSE', 'LICENSE-node', 'LICENSES']) cpSync(join(folder, name), join(documents, name));
  const fields = {
    Package: 'rolegate',
    Version: version,
    Architecture: architecture,
    Maintainer: 'Rolegate <noreply@example.com>',
    Depends: 'libc6 (>= 2.28), libstdc++6',
    Section: 'admin',
    Priority: 'optional',
    Description: DESCRIPTION,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(root, 'DEBIAN/control'), lines.join(''));
  const name = `rolegate_${version}_${architecture}.deb`;
  const words = ['--root-owner-group', '-Zgzip', '--build', root, join(out, name)];
  execFileSync('dpkg-deb', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  return [name];
}

/** macOS starts no arm64 program without a signature: Homebrew gives it one of the machine's own. */
export function homebrewFormula({ version, url, sums }) {
  const source = (platform) => {
    const found = sums.find(({ file }) => file === `rolegate-${version}-${platform}.tar.gz`);
    return found === undefined ? '' : `      url "${url}/${found.file}"\n      sha256 "${found.sha256}"\n`;
  };
  const system = (name, platform) => `  on_${name} do
    on_arm do
${source(`${platform}-arm64`)}    end
    on_intel do
${source(`${platform}-x64`)}    end
  end
`;
  return `class Rolegate < Formula
  desc "${DESCRIPTION}"
  homepage "${new URL(url).origin}/cli"
  version "${version}"
  license "Apache-2.0"

${system('macos', 'darwin')}
${system('linux', 'linux')}
  def install
    bin.install "rolegate"
    system "/usr/bin/codesign", "--force", "--sign", "-", bin/"rolegate" if OS.mac?
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/rolegate --version")
  end
end
`;
}

export function scoopManifest({ version, url, sums }) {
  const name = `rolegate-${version}-win32-x64`;
  const { sha256 } = sums.find(({ file }) => file === `${name}.tar.gz`) ?? {};
  const source = sha256 && { '64bit': { url: `${url}/${name}.tar.gz`, hash: sha256, extract_dir: name } };
  const manifest = {
    version,
    description: DESCRIPTION,
    homepage: `${new URL(url).origin}/cli`,
    license: 'Apache-2.0',
    architecture: source ?? {},
    bin: 'rolegate.exe',
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** CycloneDX 1.5: the packages inside the command's one file, and the Node that runs it. */
export function sbom({ root, version, sources, nodeVersion }) {
  const folders = sources.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const components = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return component(manifest.name, manifest.version, manifest.license);
  });
  const node = { type: 'platform', name: 'node', version: nodeVersion, purl: `pkg:generic/node@${nodeVersion}` };
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name: 'rolegate', version } },
    components: [...components, node],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component(name, version, license) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', name, version, purl, licenses: [{ expression: license }] };
}
