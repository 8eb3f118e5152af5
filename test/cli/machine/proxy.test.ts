// Which proxy leads to an address, by the variables that curl reads.
import { describe, expect, test } from 'vitest';
import { proxyFor } from '../../../src/cli/machine/proxy.ts';

const broker = new URL('https://broker.corp.example');
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each<[string, string, string?]>([
  ['proxy.corp:3128', 'http://proxy.corp:3128'],
  ['localhost:3128', 'http://localhost:3128'],
  ['10.1.2.3:3128', 'http://10.1.2.3:3128'],
  ['proxy.corp', 'http://proxy.corp:80'],
  ['http://proxy.corp:3128/', 'http://proxy.corp:3128'],
  ['HTTPS://proxy.corp', 'https://proxy.corp:443'],
  ['http://[::1]:3128', 'http://[::1]:3128'],
  ['jane:secret@proxy:3128', 'http://proxy:3128', 'jane:secret'],
  ['http://jane@proxy:3128', 'http://proxy:3128', 'jane:'],
  ['http://CORP%5Cjane:p%40s%25@proxy:3128', 'http://proxy:3128', 'CORP\\jane:p@s%'],
  ['http://jane:a:b@proxy:3128', 'http://proxy:3128', 'jane:a:b'],
])('%s leads to %s', (value, origin, user) => {
  expect(proxyFor({ HTTPS_PROXY: value }, broker)).toEqual({
    origin,
    variable: 'HTTPS_PROXY',
    authorization: user && basic(user),
  });
});

test.each([
  'socks5://proxy:1080',
  'socks5h://proxy:1080',
  'ftp://x',
  '//proxy',
  'proxy:99999',
  'proxy:0',
  'not an address',
  'http://CORP\\jane:hidden%w@proxy:3128',
  'http://jane:hidden%b@proxy:3128',
  'http://jane:hidden#ss@proxy:3128',
  'http://jane:hidden/ss@proxy:3128',
  'http://jane:hidden%ff@proxy:3128',
])('%s is refused, with the variable and without the value', (value) => {
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'all_proxy']) {
    const read = () => proxyFor({ [name]: value }, broker);
    const message = value.includes('hidden') ? `${name}: percent-encode the password` : name;
    expect(read).toThrow(expect.objectContaining({ exit: 'usage', message: expect.stringContaining(message) }));
    expect(read).not.toThrow(/hidden/);
  }
});

test('small letters come first, an empty variable is none, ALL_PROXY comes last', () => {
  const [a, b, c] = ['http://a:1', 'http://b:2', 'http://c:3'];
  expect(proxyFor({ https_proxy: a, HTTPS_PROXY: b, ALL_PROXY: c }, broker)?.origin).toBe(a);
  expect(proxyFor({ https_proxy: '', HTTPS_PROXY: b, ALL_PROXY: c }, broker)?.origin).toBe(b);
  expect(proxyFor({ HTTP_PROXY: a, all_proxy: '', ALL_PROXY: c }, broker)?.origin).toBe(c);
  expect(proxyFor({ HTTP_PROXY: a }, broker)).toBeUndefined();
  expect(proxyFor({ HTTPS_PROXY: a }, new URL('http://127.0.0.1:8443'))).toBeUndefined();
});

describe('NO_PROXY', () => {
  const isDirect = (address: string, exceptions: string) =>
    proxyFor({ HTTPS_PROXY: 'proxy:3128', NO_PROXY: exceptions }, new URL(address)) === undefined;

  test.each([
    ['https://broker.corp.example', 'corp.example'],
    ['https://broker.corp.example', '.corp.example'],
    ['https://broker.corp.example', '*.corp.example'],
    ['https://broker.corp.example', 'other.test, BROKER.corp.example.'],
    ['https://broker.corp.example', 'a b\tcorp.example'],
    ['https://broker.corp.example', '*'],
    ['https://broker.corp.example:8443', 'corp.example:8443'],
    ['https://broker.corp.example', 'corp.example:443'],
    ['https://127.0.0.1:8443', '127.0.0.1'],
    ['https://127.0.0.1:8443', '127.0.0.0/8'],
    ['https://10.20.30.40', '10.20.0.0/16'],
    ['https://[::1]:8443', '::1'],
    ['https://[::1]:8443', '[::1]:8443'],
    ['https://[fd00::17]', 'fd00::/8'],
  ])('%s is direct with %s', (address, exceptions) => {
    expect(isDirect(address, exceptions)).toBe(true);
  });

  test.each([
    ['https://broker.corp.example', 'orp.example'],
    ['https://broker.corp.example', 'corp.example:8443'],
    ['https://broker.corp.example', 'broker.corp.example.org'],
    ['https://broker.corp.example', '10.0.0.0/8'],
    ['https://11.20.30.40', '10.0.0.0/8'],
    ['https://10.20.30.40', '10.20.30'],
    ['https://10.20.30.40', '10.20.30.40/99'],
    ['https://[fd00::17]', 'fe80::/10'],
    ['https://[::1]', '127.0.0.0/8'],
  ])('%s is not with %s', (address, exceptions) => {
    expect(isDirect(address, exceptions)).toBe(false);
  });
});
