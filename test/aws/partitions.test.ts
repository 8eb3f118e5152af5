import { describe, expect, test } from 'vitest';
import { isAwsAudience, isSigninSamlUrl, partitionNames, readConsoleUrl, readHost } from '../../emulators/aws/hosts.ts';
import { dnsSuffixOf, partitions, samlRecipient, signinEndpoint, stsEndpoint } from '../../src/aws/partitions.ts';

const rows = [
  [
    'aws',
    'eu-west-1',
    'https://sts.eu-west-1.amazonaws.com',
    'https://eu-west-1.signin.aws.amazon.com',
    'https://signin.aws.amazon.com/saml',
  ],
  [
    'aws',
    'us-east-1',
    'https://sts.us-east-1.amazonaws.com',
    'https://us-east-1.signin.aws.amazon.com',
    'https://signin.aws.amazon.com/saml',
  ],
  [
    'aws-cn',
    'cn-north-1',
    'https://sts.cn-north-1.amazonaws.com.cn',
    'https://cn-north-1.signin.amazonaws.cn',
    'https://signin.amazonaws.cn/saml',
  ],
  [
    'aws-us-gov',
    'us-gov-west-1',
    'https://sts.us-gov-west-1.amazonaws.com',
    'https://us-gov-west-1.signin.amazonaws-us-gov.com',
    'https://signin.amazonaws-us-gov.com/saml',
  ],
  [
    'aws-eusc',
    'eusc-de-east-1',
    'https://sts.eusc-de-east-1.amazonaws.eu',
    'https://eusc-de-east-1.signin.amazonaws-eusc.eu',
    'https://signin.amazonaws-eusc.eu/saml',
  ],
] as const;

describe('partitions', () => {
  for (const [name, region, sts, signin, recipient] of rows) {
    test(`${name} in ${region} has its own hosts`, () => {
      const partition = partitions[name]!;
      expect(stsEndpoint(partition, region)).toBe(sts);
      expect(signinEndpoint(partition, region)).toBe(signin);
      expect(samlRecipient(partition)).toBe(recipient);
    });

    test(`${name} in ${region} is what the emulator of AWS knows`, () => {
      const partition = partitions[name]!;
      expect(readHost(new URL(sts).host, name, 'x')).toMatchObject({ kind: 'sts', region });
      expect(readHost(new URL(signin).host, name, 'x')).toMatchObject({ kind: 'signin', region });
      expect(isSigninSamlUrl(recipient, name)).toBe(true);
      expect(isAwsAudience(partition.audience, name)).toBe(true);
      expect(partitionNames(name).attributePrefixes).toContain(partition.attributePrefix);
      expect(readConsoleUrl(`https://${region}.${partition.consoleHost}/`, name)).toMatchObject({ region });
    });
  }

  test('are four', () => expect(Object.keys(partitions)).toEqual(['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc']));

  test.each([
    ['eu-west-1', 'amazonaws.com'],
    ['mx-central-1', 'amazonaws.com'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-northwest-1', 'amazonaws.com.cn'],
    ['eusc-de-east-1', 'amazonaws.eu'],
    ['us-iso-east-1', 'c2s.ic.gov'],
    ['us-isob-west-1', 'sc2s.sgov.gov'],
    ['eu-isoe-west-1', 'cloud.adc-e.uk'],
    ['us-isof-south-1', 'csp.hci.ic.gov'],
    ['eusc-de', undefined],
    ['moon-base-1', undefined],
  ])('services of %s have their names below %s', (region, suffix) => expect(dnsSuffixOf(region)).toBe(suffix));
});
