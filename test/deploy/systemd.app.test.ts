// The systemd unit, as systemd itself reads it, and its numbers beside those of the broker.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmptyWorkplace, type Workplace } from '../config/support/workplace.ts';
import { systemdAnalyzePath } from '../support/parts/parts.ts';

const FILE = fileURLToPath(new URL('../../deploy/systemd/rolegate.service', import.meta.url));
const text = readFileSync(FILE, 'utf8');
const valuesOf = (key: string) => [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value);

let workplace: Workplace;
beforeAll(() => {
  workplace = createEmptyWorkplace();
  // Where Node is on this machine; systemd looks whether the program is there.
  workplace.write('rolegate.service', text.replaceAll('/usr/bin/node', process.execPath));
});
afterAll(() => workplace.remove());

describe.runIf(process.platform === 'linux')('systemd-analyze', () => {
  const verify = (unit: string) => spawnSync(systemdAnalyzePath(), ['verify', '--man=no', unit], { encoding: 'utf8' });

  test('finds nothing wrong in the unit', () => {
    expect(verify(workplace.path('rolegate.service'))).toMatchObject({ status: 0, stderr: '' });
  });

  test('would find a misspelt setting', () => {
    workplace.write(
      'wrong.service',
      text.replace('ProtectHome=', 'ProtectHouse=').replaceAll('/usr/bin/node', process.execPath),
    );
    expect(verify(workplace.path('wrong.service')).stderr).toMatch(/Unknown key.*'ProtectHouse'/);
  });

  test('rates the exposure of the service below 1.5 of 10', () => {
    const options = ['security', '--offline=true', '--threshold=15', workplace.path('rolegate.service')];
    expect(() => execFileSync(systemdAnalyzePath(), options, { stdio: 'pipe' })).not.toThrow();
  });
});

describe('rolegate.service', () => {
  test('runs the broker without a shell or root, ends it softly and reloads with SIGHUP', () => {
    expect(valuesOf('ExecStart')).toEqual(['/usr/bin/node dist/server.js start --config /etc/rolegate/rolegate.yaml']);
    expect(valuesOf('User')).toEqual(['rolegate']);
    expect(valuesOf('KillSignal')).toEqual([]); // SIGTERM is the default
    expect(valuesOf('TimeoutStopSec')).toEqual(['30s']);
    expect(valuesOf('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
  });

  test('leaves V8 its compiler', () => {
    expect(valuesOf('MemoryDenyWriteExecute')).toEqual([]);
  });
});
