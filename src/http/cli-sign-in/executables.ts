// The executables of a release on the page of the command line: lines that install the right one, and a table of all.
import type { Release, ReleaseFile } from '../../wire/release.ts';
import { dataTable } from '../page/data-table.ts';
import { type Html, html } from '../page/html.ts';
import type { Messages } from '../page/messages/en.ts';

/** Platforms that a browser's User-Agent may mean: macOS and Windows do not name the processor. */
function platformsOf(userAgent: string): readonly string[] {
  if (/Windows NT/.test(userAgent)) return ['win32-x64', 'win32-arm64'];
  if (/Macintosh/.test(userAgent)) return ['darwin-x64', 'darwin-arm64'];
  if (!/Linux/.test(userAgent) || /Android/.test(userAgent)) return [];
  return [/aarch64|arm64/.test(userAgent) ? 'linux-arm64' : 'linux-x64'];
}

const platformNames: Readonly<Record<string, string>> = {
  'linux-x64': 'Linux, x64',
  'linux-arm64': 'Linux, arm64',
  'darwin-arm64': 'macOS, Apple silicon',
  'darwin-x64': 'macOS, Intel',
  'win32-x64': 'Windows, x64',
  'win32-arm64': 'Windows, arm64',
};

export function executablesTable(release: Release, userAgent: string, { cliSignIn }: Messages): Html {
  const { download } = cliSignIn;
  const yours = platformsOf(userAgent);
  const rows = Object.entries(platformNames).flatMap(([platform, name]) =>
    release.files.filter((file) => file.platform === platform).map((file) => ({ file, name })),
  );
  return dataTable(
    download.released.replace('{date}', release.released),
    [download.platform, download.file, download.size, 'SHA-256'],
    rows.map(({ file, name }) => [
      html`${name}${yours.includes(file.platform) && html` <span class="tag plain">${download.yourSystem}</span>`}`,
      html`<a href="/cli/releases/${file.name}" download>${file.name}</a>`,
      `${(file.size / 1_000_000).toFixed(1)}\u00a0MB`,
      html`<code>${file.sha256}</code>`,
    ]),
  );
}

const archivesOf = ({ files }: Release, system: string) =>
  files.filter(({ platform, format }) => format === 'tar.gz' && platform.startsWith(`${system}-`));

/** By `uname -sm`, in a shell that every other one can start. Undefined without an executable for such a system. */
export function unixExecutableLines(broker: string, release: Release): readonly string[] | undefined {
  const machines = {
    'Linux x86_64': 'linux-x64',
    'Linux aarch64': 'linux-arm64',
    'Darwin x86_64': 'darwin-x64',
    'Darwin arm64': 'darwin-arm64',
  };
  const archives = [...archivesOf(release, 'linux'), ...archivesOf(release, 'darwin')];
  const cases = Object.entries(machines).flatMap(([machine, platform]) =>
    archives
      .filter((file) => file.platform === platform)
      .map(({ name, sha256 }) => `"${machine}") f=${name} h=${sha256};;`),
  );
  if (cases.length === 0) return undefined;
  return [
    `sh -ec 'case "$(uname -sm)" in`,
    ...cases,
    '*) echo "no executable for $(uname -sm)" >&2; exit 1;; esac',
    'mkdir -p ~/.local/bin; cd ~/.local/bin',
    `curl -fsSL -o rolegate.tar.gz "${broker}/cli/releases/$f"`,
    'echo "$h  rolegate.tar.gz" | if command -v sha256sum >/dev/null; then sha256sum -c; else shasum -a 256 -c; fi',
    'tar -xzOf rolegate.tar.gz "$(basename "$f" .tar.gz)/rolegate" >rolegate.new; rm rolegate.tar.gz',
    'if [ "$(uname)" = Darwin ]; then codesign --force --sign - rolegate.new; fi',
    'chmod +x rolegate.new; mv rolegate.new rolegate',
    `./rolegate init "${broker}"'`,
  ];
}

/** For PowerShell 5.1 and newer: Windows 10 and newer have tar. Undefined without an executable for x64. */
export function windowsExecutableLines(broker: string, release: Release): readonly string[] | undefined {
  const archives = archivesOf(release, 'win32');
  const [x64, arm64] = ['win32-x64', 'win32-arm64'].map((platform) =>
    archives.find((file) => file.platform === platform),
  );
  if (!x64) return undefined;
  const choose = ({ name, sha256 }: ReleaseFile) => `$f = '${name.replace(/\.tar\.gz$/, '')}'; $h = '${sha256}'`;
  return [
    '& { $ErrorActionPreference = "Stop"; $d = "$HOME\\.rolegate"; mkdir -Force $d | Out-Null',
    choose(x64),
    ...(arm64 ? [`if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64') { ${choose(arm64)} }`] : []),
    `Invoke-WebRequest -UseBasicParsing "${broker}/cli/releases/$f.tar.gz" -OutFile "$d\\rolegate.tar.gz"`,
    `if ((Get-FileHash "$d\\rolegate.tar.gz" -Algorithm SHA256).Hash -ne $h) { throw 'SHA-256' }`,
    'tar -xzf "$d\\rolegate.tar.gz" -C $d --strip-components=1 "$f/rolegate.exe"',
    'Remove-Item "$d\\rolegate.tar.gz"',
    `& "$d\\rolegate.exe" init '${broker}' }`,
  ];
}
