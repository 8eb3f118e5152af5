// The proxy of docker-compose.yml, as HAProxy itself reads its configuration.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reverseProxy } from '../support/parts/parts.ts';

const FILE = fileURLToPath(new URL('../../deploy/compose/haproxy.cfg', import.meta.url));

function check(text: string) {
  const { path, env } = reverseProxy('haproxy');
  // From standard input, which is its own file here.
  return spawnSync(path, ['-c', '-f', '/dev/stdin'], {
    input: text,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
}

test('HAProxy accepts the configuration, also while no broker has an address', () => {
  expect(check(readFileSync(FILE, 'utf8')).status).toBe(0);
});

test('HAProxy would name a misspelt setting', () => {
  const { status, stderr } = check(readFileSync(FILE, 'utf8').replace('http-reuse', 'http-reuze'));
  expect(status).toBe(1);
  expect(stderr).toContain("unknown keyword 'http-reuze'");
});
