// Service and region by the name of the host, and only where the name leaves no doubt.
import { expect, test } from 'vitest';
import { readTarget } from '../../../src/cli/curl/curl-target.ts';

test.each([
  ['abc123.lambda-url.eu-west-1.on.aws', 'lambda', 'eu-west-1'],
  ['a1b2.execute-api.us-gov-west-1.amazonaws.com', 'execute-api', 'us-gov-west-1'],
  ['a1b2-vpce-0.execute-api.eu-west-1.amazonaws.com', 'execute-api', 'eu-west-1'],
  ['a1b2.execute-api.eu-west-1.api.aws', 'execute-api', 'eu-west-1'],
  ['s3.eu-west-1.amazonaws.com', 's3', 'eu-west-1'],
  ['my.bucket.s3.ap-northeast-2.amazonaws.com', 's3', 'ap-northeast-2'],
  ['bucket.s3-us-west-2.amazonaws.com', 's3', 'us-west-2'],
  ['s3.dualstack.eu-west-1.amazonaws.com', 's3', 'eu-west-1'],
  ['bucket.s3-fips.us-gov-west-1.amazonaws.com', 's3', 'us-gov-west-1'],
  ['bucket.s3.cn-north-1.amazonaws.com.cn', 's3', 'cn-north-1'],
  ['point-111122223333.s3-accesspoint.eu-west-1.amazonaws.com', 's3', 'eu-west-1'],
  ['b.s3.eusc-de-east-1.amazonaws.eu', 's3', 'eusc-de-east-1'],
  ['s3.dualstack.eusc-de-east-1.amazonaws.eu', 's3', 'eusc-de-east-1'],
  ['point-1.s3-accesspoint.eusc-de-east-1.amazonaws.eu', 's3', 'eusc-de-east-1'],
  ['a1.execute-api.eusc-de-east-1.amazonaws.eu', 'execute-api', 'eusc-de-east-1'],
  ['a1.execute-api.eusc-de-east-1.api.amazonwebservices.eu', 'execute-api', 'eusc-de-east-1'],
  ['a1.lambda-url.eusc-de-east-1.on.amazonwebservices.eu', 'lambda', 'eusc-de-east-1'],
  ['a1.execute-api.cn-north-1.amazonaws.com.cn', 'execute-api', 'cn-north-1'],
  ['b.s3.us-iso-east-1.c2s.ic.gov', 's3', 'us-iso-east-1'],
  ['b.s3.us-isob-east-1.sc2s.sgov.gov', 's3', 'us-isob-east-1'],
  ['a1.execute-api.eu-isoe-west-1.cloud.adc-e.uk', 'execute-api', 'eu-isoe-west-1'],
  ['s3.amazonaws.com', 's3', 'us-east-1'],
  ['bucket.s3.amazonaws.com', 's3', 'us-east-1'],
])('%s is %s in %s', (host, service, region) => {
  expect(readTarget(`https://${host}/`, {})).toMatchObject({ service, region });
});

test.each([
  'bucket.s3-accelerate.amazonaws.com',
  's3.eu-west-1.amazonaws.com.evil.example',
  'x.lambda-url.eu-west-1.on.aws.evil.example',
  'b.s3.eusc-de-east-1.amazonaws.com',
  'b.s3.eu-west-1.amazonaws.eu',
  'b.s3.eusc-de-east-1.amazonaws.eu.evil.example',
  'a1.execute-api.cn-north-1.api.aws',
  'sts.eu-west-1.amazonaws.com',
  'api.corp.example',
])('%s needs a word from the person', (host) => {
  expect(() => readTarget(`https://${host}/`, {})).toThrow(/give --service/);
  expect(readTarget(`https://${host}/`, { service: 's3', region: 'us-east-1' })).toMatchObject({ hostname: host });
});

test('what the person says wins, and a region is not taken from another service', () => {
  const url = 'https://abc123.lambda-url.eu-west-1.on.aws/';
  expect(readTarget(url, { region: 'us-east-1' }).region).toBe('us-east-1');
  expect(() => readTarget(url, { service: 's3' })).toThrow(/give --region/);
});
