import { describe, expect, test } from 'vitest';
import { createTestClock } from '../clock.ts';
import { createCookieJar } from './cookie-jar.ts';

describe('a cookie', () => {
  const cases: { name: string; line: string; from?: string; sentTo: string[]; notTo?: string[] }[] = [
    {
      name: 'host-only',
      line: 'c=1',
      sentTo: ['https://a.corp.test/'],
      notTo: ['https://b.a.corp.test/', 'https://corp.test/'],
    },
    {
      name: 'Domain, with all below it',
      line: 'c=1; Domain=corp.test',
      sentTo: ['https://corp.test/', 'https://b.corp.test/'],
      notTo: ['https://evilcorp.test/'],
    },
    {
      name: 'Domain of somebody else',
      line: 'c=1; Domain=other.test',
      sentTo: [],
      notTo: ['https://other.test/', 'https://a.corp.test/'],
    },
    { name: 'Domain of everybody', line: 'c=1; Domain=test', sentTo: [], notTo: ['https://a.corp.test/'] },
    {
      name: 'Path',
      line: 'c=1; Path=/saml',
      sentTo: ['https://a.corp.test/saml', 'https://a.corp.test/saml/acs'],
      notTo: ['https://a.corp.test/', 'https://a.corp.test/samlx'],
    },
    {
      name: 'no Path: the folder of the page',
      line: 'c=1',
      from: 'https://a.corp.test/saml/acs',
      sentTo: ['https://a.corp.test/saml/slo'],
      notTo: ['https://a.corp.test/'],
    },
    { name: 'Secure', line: 'c=1; Secure', sentTo: ['https://a.corp.test/'], notTo: ['http://a.corp.test/'] },
    {
      name: 'Secure from plain http',
      line: 'c=1; Secure',
      from: 'http://a.corp.test/',
      sentTo: [],
      notTo: ['https://a.corp.test/'],
    },
    {
      name: 'Secure on loopback http',
      line: 'c=1; Secure',
      from: 'http://127.0.0.1/',
      sentTo: ['http://127.0.0.1:81/'],
    },
    { name: '__Host-', line: '__Host-c=1; Secure; Path=/', sentTo: ['https://a.corp.test/'] },
    { name: '__Host- without Secure', line: '__Host-c=1; Path=/', sentTo: [], notTo: ['https://a.corp.test/'] },
    { name: '__Host- with a Path', line: '__Host-c=1; Secure; Path=/x', sentTo: [], notTo: ['https://a.corp.test/x'] },
    {
      name: '__Host- with a Domain',
      line: '__Host-c=1; Secure; Path=/; Domain=corp.test',
      sentTo: [],
      notTo: ['https://a.corp.test/'],
    },
    { name: 'None without Secure', line: 'c=1; SameSite=None', sentTo: [], notTo: ['https://a.corp.test/'] },
    {
      name: 'already expired',
      line: 'c=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      sentTo: [],
      notTo: ['https://a.corp.test/'],
    },
    {
      name: 'Max-Age over Expires',
      line: 'c=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      sentTo: ['https://a.corp.test/'],
    },
  ];
  for (const { name, line, from = 'https://a.corp.test/', sentTo, notTo = [] } of cases) {
    test(`with ${name}`, () => {
      const jar = createCookieJar(createTestClock().now);
      jar.store([line], new URL(from));
      for (const url of sentTo) expect(Object.values(jar.list(new URL(url))), url).toEqual(['1']);
      for (const url of notTo) expect(jar.list(new URL(url)), url).toEqual({});
    });
  }
});

describe('the jar', () => {
  const url = new URL('https://a.corp.test/saml/acs');
  const request = { url, method: 'GET', initiator: undefined, isNavigation: true };

  test('lets cookies end with their Max-Age, and at once when it is 0', () => {
    const clock = createTestClock();
    const jar = createCookieJar(clock.now);
    jar.store(['c=1; Max-Age=60', 'd=1'], url);
    clock.advance(59_000);
    expect(jar.list(url)).toEqual({ c: '1', d: '1' });
    clock.advance(1000);
    expect(jar.list(url)).toEqual({ d: '1' });
    jar.store(['d=; Max-Age=0'], url);
    expect(jar.list(url)).toEqual({});
  });

  test('replaces the same cookie, keeps one of another path, and sends the longest path first', () => {
    const jar = createCookieJar(createTestClock().now);
    jar.store(['c=old; Path=/', 'c=new; Path=/', 'c=deep; Path=/saml'], url);
    expect(jar.header(request)).toBe('c=deep; c=new');
  });

  test('sends nothing rather than an empty header, and nothing after it was cleared', () => {
    const jar = createCookieJar(createTestClock().now);
    expect(jar.header(request)).toBeUndefined();
    jar.store(['c=1'], url);
    expect(jar.header(request)).toBe('c=1');
    jar.clear();
    expect(jar.header(request)).toBeUndefined();
  });
});
