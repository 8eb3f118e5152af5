// A font with Korean letters for the pictures, where the system has none: unpacked beside the other parts, never installed.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackDebian } from '../test/support/parts/unpack-debian.mjs';

const folder = fileURLToPath(new URL('../node_modules/.cache/rolegate-fonts', import.meta.url));
const fonts = join(folder, 'usr/share/fonts');

/** What Chromium's environment needs to write Korean; undefined where no font can be had. */
export function koreanFont(): Readonly<Record<string, string>> | undefined {
  if (hasKorean()) return {};
  const isUsable = () => existsSync(fonts);
  if (!isUsable() && !unpackDebian({ packages: ['fonts-nanum'], folder, isUsable })) return undefined;
  const file = join(folder, 'fonts.conf');
  writeFileSync(
    file,
    `<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${fonts}</dir>
  <cachedir>${join(folder, 'cache')}</cachedir>
</fontconfig>
`,
  );
  return { FONTCONFIG_FILE: file };
}

function hasKorean(): boolean {
  try {
    return execFileSync('fc-list', [':lang=ko'], { encoding: 'utf8' }).trim() !== '';
  } catch {
    return false; // no fontconfig: then what Chromium brings is what there is
  }
}
