import { describe, expect, test } from 'vitest';
import { isAwsAudience, isSigninSamlUrl, partitionNames, readConsoleUrl, readHost } from '../../emulators/aws/hosts.ts';
import { partitions, samlRecipient, signinEndpoint, stsEndpoint } from '../../src/aws/partitions.ts';

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

  test('are three', () => expect(Object.keys(partitions)).toEqual(['aws', 'aws-cn', 'aws-us-gov']));
});
