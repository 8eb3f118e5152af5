// How to get the command line: lines to paste that download it and compare its hash, and the next step.

import type { Release } from '../../wire/release.ts';
import { copyButton } from '../page/controls.ts';
import type { Person } from '../page/header.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { executablesTable, unixExecutableLines, windowsExecutableLines } from './executables.ts';

export interface CliDownload {
  /** Origin of this broker. */
  readonly broker: string;
  /** Of the file; undefined if there is none here. */
  readonly sha256: string | undefined;
  readonly release: Release | undefined;
  readonly userAgent: string;
}

export function cliDownloadPage(context: PageContext, person: Person | undefined, download: CliDownload): string {
  const { text } = context;
  const { title, intro, notHere } = text.cliSignIn.download;
  const isHere = download.sha256 !== undefined || download.release !== undefined;
  return renderPage(context, {
    title,
    person,
    body: html`<h1>${title}</h1>
<p>${intro}</p>
${isHere ? installation(download, text) : html`<p class="notice">${notHere}</p>`}`,
  });
}

function installation({ broker, sha256, release, userAgent }: CliDownload, text: Messages): Html {
  const { download } = text.cliSignIn;
  return html`${sha256 !== undefined && withNode(broker, sha256, text)}
${release && withoutNode(broker, release, text)}
<section aria-labelledby="next"><h2 id="next">${download.next}</h2>
<p>${download.nextText}</p>
${block('next', ['rolegate login', 'rolegate profiles sync'], text)}</section>
${
  sha256 !== undefined &&
  html`<section aria-labelledby="by-hand"><h2 id="by-hand">${download.byHand}</h2>
<p><a href="/cli/rolegate.cjs" download>rolegate.cjs</a></p>
<p>${download.hash}</p>
${block('by-hand', [sha256], text)}</section>`
}
${
  release &&
  html`<section aria-labelledby="files"><h2 id="files">${download.files.replace('{version}', release.version)}</h2>
<p>${download.signed}
<a href="/cli/release.json" download>release.json</a>, <a href="/cli/release.json.minisig" download>release.json.minisig</a></p>
${executablesTable(release, userAgent, text)}</section>`
}`;
}

function withNode(broker: string, sha256: string, text: Messages): Html {
  const { download } = text.cliSignIn;
  return html`<p>${download.needs}</p>
<section aria-labelledby="unix"><h2 id="unix">${download.unix}</h2>
${block('unix', unixLines(broker, sha256), text)}
<p class="muted">${download.unixPath}</p></section>
<section aria-labelledby="windows"><h2 id="windows">${download.windows}</h2>
${block('windows', windowsLines(broker, sha256), text)}
<p class="muted">${download.windowsPath}</p></section>`;
}

function withoutNode(broker: string, release: Release, text: Messages): Html {
  const { download } = text.cliSignIn;
  const [unix, windows] = [unixExecutableLines(broker, release), windowsExecutableLines(broker, release)];
  const section = (id: string, title: string, lines: readonly string[] | undefined) =>
    lines && html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${block(id, lines, text)}</section>`;
  return html`${section('unix-executable', download.unixExecutable, unix)}
${section('windows-executable', download.windowsExecutable, windows)}`;
}

/**
 * In a shell that every other one (fish too) can start, and that exits at the first failure: the old file stays until the
 * new one is verified.
 */
function unixLines(broker: string, sha256: string): readonly string[] {
  return [
    "sh -ec 'mkdir -p ~/.local/bin; cd ~/.local/bin",
    `curl -fsSL -o rolegate.new "${broker}/cli/rolegate.cjs"`,
    `echo "${sha256}  rolegate.new" | if command -v sha256sum >/dev/null; then sha256sum -c; else shasum -a 256 -c; fi`,
    'chmod +x rolegate.new; mv rolegate.new rolegate',
    `./rolegate init "${broker}"'`,
  ];
}

/** Where PowerShell 5.1 and Command Prompt both find it, in a folder whose path has no spaces unless the person's has. */
function windowsLines(broker: string, sha256: string): readonly string[] {
  return [
    '& { $ErrorActionPreference = "Stop"; $d = "$HOME\\.rolegate"; mkdir -Force $d | Out-Null',
    `Invoke-WebRequest -UseBasicParsing '${broker}/cli/rolegate.cjs' -OutFile "$d\\rolegate.new"`,
    `if ((Get-FileHash "$d\\rolegate.new" -Algorithm SHA256).Hash -ne '${sha256}') { throw 'SHA-256' }`,
    'Move-Item -Force "$d\\rolegate.new" "$d\\rolegate.cjs"',
    `Set-Content "$d\\rolegate.cmd" '@node "%~dp0rolegate.cjs" %*'`,
    `node "$d\\rolegate.cjs" init '${broker}' }`,
  ];
}

function block(id: string, lines: readonly string[], text: Messages): Html {
  return html`<div class="lines"><pre id="${id}-lines" tabindex="0" role="region" aria-labelledby="${id}">${lines.join('\n')}</pre>
${copyButton(html`data-copy="${id}-lines" data-copied="${text.page.copied}" aria-describedby="${id}"`, text)}</div>`;
}
