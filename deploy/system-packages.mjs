// Packages of `rolegate` for Debian and Ubuntu (deb), and for Fedora, Red Hat and SUSE (rpm), where the tools are installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DESCRIPTION } from './package-manifests.mjs';

/** @returns its name; nothing without dpkg-deb */
export function debianPackage({ folder, platform, version, out, work, level }) {
  if (spawnSync('dpkg-deb', ['--version']).status !== 0) return [];
  const architecture = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' }[platform];
  const root = join(work, `deb-${architecture}`);
  mkdirSync(join(root, 'DEBIAN'), { recursive: true });
  layOut(folder, root);
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
  const words = ['--root-owner-group', '-Zgzip', `-z${level}`, '--build', root, join(out, name)];
  execFileSync('dpkg-deb', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  return [name];
}

/** @returns its name; nothing without rpmbuild */
export function rpmPackage({ folder, platform, version, out, work, level }) {
  if (spawnSync('rpmbuild', ['--version']).status !== 0) return [];
  const architecture = { 'linux-x64': 'x86_64', 'linux-arm64': 'aarch64' }[platform];
  const root = join(work, `rpm-${architecture}`);
  layOut(folder, root);
  // As it is: stripping would take the script out of the executable.
  const spec = `%global __os_install_post %{nil}
%global debug_package %{nil}
%global _build_id_links none
Name: rolegate
Version: ${version}
Release: 1
Summary: ${DESCRIPTION}
License: Apache-2.0
Vendor: Rolegate
Requires: glibc >= 2.28, libstdc++
AutoReqProv: no

%description
${DESCRIPTION}.

%install
cp -a '${root}/.' %{buildroot}

%files
%attr(0755, root, root) /usr/bin/rolegate
%attr(0644, root, root) %license /usr/share/doc/rolegate/*
`;
  const file = join(work, `${architecture}.spec`);
  writeFileSync(file, spec);
  const name = `rolegate-${version}-1.${architecture}.rpm`;
  const macros = {
    _topdir: join(work, 'rpmbuild'),
    _rpmdir: out,
    _rpmfilename: name,
    _binary_payload: `w${level}.gzdio`,
  };
  const defines = Object.entries(macros).flatMap(([key, value]) => ['--define', `${key} ${value}`]);
  execFileSync('rpmbuild', ['-bb', '--quiet', '--target', `${architecture}-linux`, ...defines, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return [name];
}

/** The files as they are installed, below `root`. */
function layOut(folder, root) {
  const documents = join(root, 'usr/share/doc/rolegate');
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  mkdirSync(documents, { recursive: true });
  cpSync(join(folder, 'rolegate'), join(root, 'usr/bin/rolegate'));
  chmodSync(join(root, 'usr/bin/rolegate'), 0o755);
  for (const name of ['LICENSE', 'LICENSE-node', 'LICENSES']) cpSync(join(folder, name), join(documents, name));
}
