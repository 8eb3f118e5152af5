// An Apache of our own on a free port: event MPM, one child process, without the distribution's sites.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, startProgram } from '../lib/processes.ts';

export const apacheProgram = '/usr/sbin/apache2';
const modules = '/usr/lib/apache2/modules';

/** Starts Apache with these lines after the usual ones; `folder` holds its files. */
export async function startApache(
  folder: string,
  port: number,
  loaded: readonly string[],
  lines: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const names = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'alias', 'dir', ...loaded];
  const config = [
    `ServerName 127.0.0.1:${port}`,
    `Listen 127.0.0.1:${port}`,
    `PidFile ${join(folder, 'apache.pid')}`,
    `ErrorLog ${join(folder, 'error.log')}`,
    `DefaultRuntimeDir ${folder}`,
    `Mutex file:${folder} default`,
    ...names.map((name) => `LoadModule ${name === 'shib' ? 'mod_shib' : `${name}_module`} ${modules}/mod_${name}.so`),
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    'ServerLimit 1',
    'StartServers 1',
    'ThreadsPerChild 16',
    'MaxRequestWorkers 16',
    'KeepAlive On',
    'MaxKeepAliveRequests 0',
    'KeepAliveTimeout 60',
    `DocumentRoot ${folder}`,
    ...lines,
  ];
  const file = join(folder, 'httpd.conf');
  writeFileSync(file, `${config.join('\n')}\n`);
  return startProgram({
    command: apacheProgram,
    args: ['-DFOREGROUND', '-f', file],
    env,
    logFile: join(folder, 'apache.log'),
    readyUrl: `http://127.0.0.1:${port}/`,
  });
}
