// What the process may not be started with in production, by its own command line; the environment is in production.test.ts.
import { expect, test } from 'vitest';
import { relaxedProcess } from '../../../src/config/production/process-settings.ts';

test.each([
  '--inspect',
  '--inspect-brk=9229',
  '--tls-keylog=/tmp/keys',
  '--inspect_port=1',
  '--report-dir=/tmp',
  '--tls-cipher-list=ALL',
  '--openssl-shared-config',
])('%s is refused', (option) => {
  expect(relaxedProcess({}, ['--import', 'x', option])).toEqual([
    expect.stringMatching(/^command line: --\S+ must not be given: /),
  ]);
});

test('what it is usually started with is not', () => {
  expect(relaxedProcess({ NODE_OPTIONS: '--enable-source-maps' }, ['--import', 'tsx', '--inspector'])).toEqual([]);
});

test('several reasons are named together', () => {
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_DEBUG: 'http', NODE_OPTIONS: '--inspect --trace-tls' };
  expect(relaxedProcess(env, ['--inspect'])).toHaveLength(5);
});
