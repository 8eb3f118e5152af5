// The proxy of docker-compose.yml, as HAProxy itself reads its configuration.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmptyWorkplace, type Workplace } from '../config/support/workplace.ts';
import { reverseProxy } from '../support/parts/parts.ts';

const FILE = fileURLToPath(new URL('../../deploy/compose/haproxy.cfg', import.meta.url));

let workplace: Workplace;
beforeAll(() => {
  workplace = createEmptyWorkplace();
});
afterAll(() => workplace.remove());

function check(file: string) {
  const { path, env } = reverseProxy('haproxy');
  return spawnSync(path, ['-c', '-f', file], { env: { ...process.env, ...env }, encoding: 'utf8' });
}

test('HAProxy accepts the configuration, also while no broker has an address', () => {
  expect(check(FILE)).toMatchObject({ status: 0 });
});

test('HAProxy would name a misspelt setting', () => {
  workplace.write('wrong.cfg', readFileSync(FILE, 'utf8').replace('http-reuse', 'http-reuze'));
  const { status, stderr } = check(workplace.path('wrong.cfg'));
  expect(status).toBe(1);
  expect(stderr).toContain("unknown keyword 'http-reuze'");
});
