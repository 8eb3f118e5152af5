// What differs between AWS partitions: hosts, audience, attribute names (reference: IAM User Guide, regional endpoints).

export interface Partition {
  readonly dnsSuffix: string;
  readonly signinHost: string;
  readonly consoleHost: string;
  /** Audience that STS demands of an assertion. */
  readonly audience: string;
  readonly attributePrefix: string;
}

export const partitions: Readonly<Record<string, Partition>> = {
  aws: {
    dnsSuffix: 'amazonaws.com',
    signinHost: 'signin.aws.amazon.com',
    consoleHost: 'console.aws.amazon.com',
    audience: 'urn:amazon:webservices',
    attributePrefix: 'https://aws.amazon.com/SAML/Attributes/',
  },
  'aws-cn': {
    dnsSuffix: 'amazonaws.com.cn',
    signinHost: 'signin.amazonaws.cn',
    consoleHost: 'console.amazonaws.cn',
    audience: 'urn:amazon:webservices:cn-north-1',
    attributePrefix: 'https://www.amazonaws.cn/SAML/Attributes/',
  },
  'aws-us-gov': {
    dnsSuffix: 'amazonaws.com',
    signinHost: 'signin.amazonaws-us-gov.com',
    consoleHost: 'console.amazonaws-us-gov.com',
    audience: 'urn:amazon:webservices:govcloud',
    attributePrefix: 'https://aws.amazon.com/SAML/Attributes/',
  },
};

/** Where STS answers for a region; always regional, since the global endpoint wants credentials for an unsigned call. */
export function stsEndpoint(partition: Partition, region: string): string {
  return `https://sts.${region}.${partition.dnsSuffix}`;
}

/** The sign-in endpoint of a region. A SigninToken is redeemed on the host that issued it. */
export function signinEndpoint(partition: Partition, region: string): string {
  return `https://${region}.${partition.signinHost}`;
}

/** Recipient of an assertion, which IAM trust policies know as `SAML:aud`. */
export function samlRecipient(partition: Partition): string {
  return `https://${partition.signinHost}/saml`;
}
