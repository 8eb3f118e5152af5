import { describe, expect, test } from 'vitest';
import { accountInAddress, consoleDestination } from '../../src/aws/destination.ts';
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
    ['https://111122223333-abcd.eu-west-1.console.aws.amazon.com/', `${base}/`],
    ['https://111122223333-abcd1234.eu-west-1.console.aws.amazon.com/s3/home?x=1#y', `${base}/s3/home?x=1#y`],
    ['https://111122223333-abcd1234.console.aws.amazon.com/s3', 'https://console.aws.amazon.com/s3'],
    ['https://health.console.aws.amazon.com/health/home', 'https://health.console.aws.amazon.com/health/home'],
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
    'https://foo.bar.console.aws.amazon.com/',
    'https://a.b.c.eu-west-1.console.aws.amazon.com/',
    'https://111122223333-abcd.444455556666-abcd.eu-west-1.console.aws.amazon.com/',
    'https://eu-west-1.111122223333-abcd.console.aws.amazon.com/',
    'https://111122223333.console.aws.amazon.com/',
    'https://111122223333.eu-west-1.console.aws.amazon.com/',
    'https://11112222333-abcd.eu-west-1.console.aws.amazon.com/',
    'https://111122223333-.eu-west-1.console.aws.amazon.com/',
    'https://.console.aws.amazon.com/',
    'https://cn-north-1.console.aws.amazon.com/',
    'https://lightsail.aws.amazon.com/',
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
        const url = consoleDestination(`https://${consoleHost}/x`, partition.firstRegion, partition);
        expect(url).toBe(other === name ? `https://${consoleHost}/x` : undefined);
      }
      const { firstRegion } = partition;
      expect(consoleDestination('/x', firstRegion, partition)).toBe(
        `https://${firstRegion}.${partition.consoleHost}/x`,
      );
      const copied = `https://444455556666-x1y2z3.${firstRegion}.${partition.consoleHost}/x`;
      expect(consoleDestination(copied, firstRegion, partition)).toBe(
        `https://${firstRegion}.${partition.consoleHost}/x`,
      );
      expect(accountInAddress(copied, partition)).toBe('444455556666');
      expect(accountInAddress(`https://${partition.consoleHost}/x`, partition)).toBeUndefined();
    });
  }
});
