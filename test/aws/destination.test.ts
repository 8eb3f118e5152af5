import { describe, expect, test } from 'vitest';
import { consoleDestination } from '../../src/aws/destination.ts';
import { partitions } from '../../src/aws/partitions.ts';

const aws = partitions['aws']!;
const home = 'https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1';
const base = 'https://eu-west-1.console.aws.amazon.com';

describe('consoleDestination', () => {
  const accepted: readonly (readonly [string | undefined, string])[] = [
    [undefined, home],
    ['', home],
    ['/', `${base}/`],
    ['/s3/home?region=us-east-1#x', `${base}/s3/home?region=us-east-1#x`],
    ['/a/../b', `${base}/b`],
    ['/ümlaut?q=ä', `${base}/%C3%BCmlaut?q=%C3%A4`],
    ['https://console.aws.amazon.com/ec2', 'https://console.aws.amazon.com/ec2'],
    ['https://us-east-1.console.aws.amazon.com/', 'https://us-east-1.console.aws.amazon.com/'],
    [
      'https://111122223333-abcd.eu-west-1.console.aws.amazon.com/',
      'https://111122223333-abcd.eu-west-1.console.aws.amazon.com/',
    ],
    ['HTTPS://CONSOLE.AWS.AMAZON.COM:443/X', 'https://console.aws.amazon.com/X'],
    [`${base}/${'x'.repeat(2048 - base.length - 1)}`, `${base}/${'x'.repeat(2048 - base.length - 1)}`],
  ];
  for (const [wish, url] of accepted) {
    test(`leads ${JSON.stringify(wish)?.slice(0, 60)} to the console`, () => {
      expect(consoleDestination(wish, 'eu-west-1', aws)).toBe(url);
    });
  }

  const refused = [
    'http://console.aws.amazon.com/',
    '//evil.example.com/',
    '///evil.example.com/',
    '/\\evil.example.com/',
    '\\\\evil.example.com',
    'https:\\\\console.aws.amazon.com\\@evil.example.com/',
    '/\t/evil.example.com/',
    '/\n/evil.example.com',
    'https://console.aws.amazon.com\n.evil.example.com/',
    'https://console.aws.amazon.com\0.evil.example.com/',
    'https://console.aws.amazon.com\u0085/',
    'https://evil.example.com/',
    'https://evil.example.com/console.aws.amazon.com',
    'https://evil.example.com#.console.aws.amazon.com',
    'https://evil.example.com?.console.aws.amazon.com',
    'https://evil.example.com／.console.aws.amazon.com/',
    'https://evil.example.com；.console.aws.amazon.com/',
    'https://evil.example.com,.console.aws.amazon.com/',
    'https://evilconsole.aws.amazon.com/',
    'https://console.aws.amazon.com.evil.example.com/',
    'https://console.aws.amazon.com。evil.example.com/',
    'https://console.aws.amazon.com./',
    'https://console.aws.amazon.com@evil.example.com/',
    'https://user@console.aws.amazon.com/',
    'https://user:password@console.aws.amazon.com/',
    'https://:password@console.aws.amazon.com/',
    'https://console.aws.amazon.com:8443/',
    'https://console.aws.amazon.com:80/',
    'https://aws.amazon.com/',
    'https://signin.aws.amazon.com/federation?Action=login',
    'https://eu-west-1.signin.aws.amazon.com/',
    'https://s3.amazonaws.com/',
    'https://console.amazonaws.cn/',
    'https://console.amazonaws-us-gov.com/',
    'javascript:alert(1)',
    'javascript://console.aws.amazon.com/%0aalert(1)',
    'data:text/html,x',
    'ftp://console.aws.amazon.com/',
    'file:///etc/passwd',
    'wss://console.aws.amazon.com/',
    'blob:https://console.aws.amazon.com/x',
    'console.aws.amazon.com',
    'ec2/home',
    '?x',
    '#x',
    'https://',
    'https:',
    'https://[::1]/',
    'https://127.0.0.1/',
    `/${'x'.repeat(2048)}`,
  ];
  for (const wish of refused) {
    test(`refuses ${JSON.stringify(wish).slice(0, 60)}`, () => {
      expect(consoleDestination(wish, 'eu-west-1', aws)).toBeUndefined();
    });
  }

  for (const [name, partition] of Object.entries(partitions)) {
    test(`knows the console of ${name} only`, () => {
      for (const [other, { consoleHost }] of Object.entries(partitions)) {
        const url = consoleDestination(`https://${consoleHost}/x`, 'r-1', partition);
        expect(url).toBe(other === name ? `https://${consoleHost}/x` : undefined);
      }
      expect(consoleDestination('/x', 'r-1', partition)).toBe(`https://r-1.${partition.consoleHost}/x`);
    });
  }
});
