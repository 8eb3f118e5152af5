// Where AWS is: the partitions that are built in, one that is described, and what does not fit together.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stsEndpoint } from '../../src/aws/partitions.ts';
import { createWorkplace, goodProduction, load, problemsOf, type Raw, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace?.remove());

const withAws = (aws: object): Raw => ({
  ...goodProduction(),
  aws: { ...(goodProduction()['aws'] as object), ...aws },
});
const sovereign = {
  partition: 'aws-eusc',
  region: 'eusc-de-east-1',
  otherPartition: {
    dnsSuffix: 'amazonaws.eu',
    signinHost: 'signin.amazonaws-eusc.eu',
    consoleHost: 'console.amazonaws-eusc.eu',
    audience: 'urn:amazon:webservices:eusc',
    regions: ['eusc-de-east-1'],
  },
};

test('a partition that is not built in is described, with every region that may be used', async () => {
  const { aws, policy } = await load(workplace, withAws(sovereign));
  expect([policy.partition, aws.partition.firstRegion]).toEqual(['aws-eusc', 'eusc-de-east-1']);
  expect(stsEndpoint(aws.partition, aws.region)).toBe('https://sts.eusc-de-east-1.amazonaws.eu');
  expect(aws.partition.regionForm.test('eu-west-1')).toBe(false);
});

test.each([
  ['aws', 'us-east-1', 'https://sts-fips.us-east-1.amazonaws.com'],
  ['aws-us-gov', 'us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com'],
])('FIPS in %s', async (partition, region, endpoint) => {
  const { aws } = await load(workplace, withAws({ partition, region, fips: true, fallbackRegions: [region] }));
  expect(stsEndpoint(aws.partition, region, aws.fips)).toBe(endpoint);
});

test.each([
  ['an unknown partition', { partition: 'aws-iso', region: 'us-iso-east-1' }, 'describe it in aws.otherPartition'],
  ['a description of what is built in', { otherPartition: sovereign.otherPartition }, 'aws is built in'],
  ['a region of another partition', { region: 'cn-north-1' }, 'aws.region: cn-north-1 is not in aws'],
  [
    'a fallback of another partition',
    { fallbackRegions: ['eu-west-1', 'us-gov-east-1'] },
    'fallbackRegions[1]: us-gov-east-1',
  ],
  ['FIPS in China', { partition: 'aws-cn', region: 'cn-north-1', fips: true }, 'has no FIPS endpoints'],
  [
    'one address and several regions',
    { endpoints: { sts: 'https://vpce-1.sts.eu-west-1.vpce.amazonaws.com' }, fallbackRegions: ['eu-central-1'] },
    'leaves nothing for fips and fallbackRegions',
  ],
])('is refused: %s', async (_, aws, problem) => {
  expect((await problemsOf(workplace, withAws(aws))).join('\n')).toContain(problem);
});

test('is refused: an account in a region of another partition', async () => {
  const accounts = [{ id: '012345678901', alias: 'payments-dev', region: 'cn-north-1' }];
  expect((await problemsOf(workplace, { ...goodProduction(), accounts })).join()).toContain('accounts[0].region');
});
