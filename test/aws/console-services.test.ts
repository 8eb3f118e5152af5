import { describe, expect, test } from 'vitest';
import { consoleServices, serviceNames, serviceUrl } from '../../src/aws/console-services.ts';
import { consoleDestination } from '../../src/aws/destination.ts';
import { partitions } from '../../src/aws/partitions.ts';

const aws = partitions['aws']!;

describe('serviceUrl', () => {
  test('leads to the service in the region', () => {
    expect(serviceUrl('lambda', 'eu-west-1', aws)).toBe(
      'https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1',
    );
  });

  test('keeps a place inside the service, after the region', () => {
    expect(serviceUrl('logs', 'eu-west-1', aws)).toBe(
      'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups',
    );
  });

  test.each([
    ['aws', 'https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1'],
    ['aws-cn', 'https://cn-north-1.console.amazonaws.cn/iam/home?region=cn-north-1'],
    ['aws-us-gov', 'https://us-gov-west-1.console.amazonaws-us-gov.com/iam/home?region=us-gov-west-1'],
  ])('leads to the first region of %s for a global service', (name, url) => {
    expect(serviceUrl('iam', 'some-region-1', partitions[name]!)).toBe(url);
  });

  test.each(Object.keys(partitions))('is a console destination for every service in %s', (name) => {
    const partition = partitions[name]!;
    const { firstRegion } = partition;
    for (const service of serviceNames) {
      const url = serviceUrl(service, firstRegion, partition);
      expect(consoleDestination(url, firstRegion, partition)).toBe(url);
    }
  });
});

describe('the services', () => {
  test('are some forty, each with a unique name, in the order of names', () => {
    expect(serviceNames.length).toBeGreaterThan(30);
    const names = Object.values(consoleServices).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
  });
});

describe('regions of a partition', () => {
  test.each([
    ['aws', ['us-east-1', 'eu-central-2', 'ap-southeast-7', 'il-central-1', 'mx-central-1']],
    ['aws-cn', ['cn-north-1', 'cn-northwest-1']],
    ['aws-us-gov', ['us-gov-west-1', 'us-gov-east-1']],
  ] as const)('%s has its own and no other', (name, own) => {
    for (const [other, { regionForm }] of Object.entries(partitions)) {
      expect(own.map((region) => regionForm.test(region))).toEqual(own.map(() => other === name));
    }
  });

  test.each(['', 'eu-west-1.evil.example', 'eu-west-1/', 'EU-WEST-1', 'eu-west-1\n', 'us-iso-east-1', 'west'])(
    'none has %j',
    (region) => {
      expect(Object.values(partitions).filter(({ regionForm }) => regionForm.test(region))).toEqual([]);
    },
  );
});
