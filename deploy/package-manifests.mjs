// What package managers and auditors read about the executables of `rolegate`: a Homebrew formula, a Scoop manifest, an SBOM.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What package managers show. */
export const DESCRIPTION = 'AWS access through your company sign-in';

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
  const systems = Object.entries({ '64bit': 'win32-x64', arm64: 'win32-arm64' }).flatMap(([system, platform]) => {
    const name = `rolegate-${version}-${platform}`;
    const { sha256: hash } = sums.find(({ file }) => file === `${name}.tar.gz`) ?? {};
    return hash === undefined ? [] : [[system, { url: `${url}/${name}.tar.gz`, hash, extract_dir: name }]];
  });
  const manifest = {
    version,
    description: DESCRIPTION,
    homepage: `${new URL(url).origin}/cli`,
    license: 'Apache-2.0',
    architecture: Object.fromEntries(systems),
    bin: 'rolegate.exe',
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** CycloneDX 1.5: the packages inside the command's one file, and each Node that runs it. */
export function sbom({ root, version, sources, nodeVersions }) {
  const folders = sources.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const components = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return component(manifest.name, manifest.version, manifest.license);
  });
  const node = (nodeVersion) => {
    return { type: 'platform', name: 'node', version: nodeVersion, purl: `pkg:generic/node@${nodeVersion}` };
  };
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name: 'rolegate', version } },
    components: [...components, ...[...nodeVersions].map(node)],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component(name, version, license) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', name, version, purl, licenses: [{ expression: license }] };
}
