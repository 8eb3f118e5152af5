// The section `aws`: where, under whose name and in which way credentials are got.
import { z } from 'zod';
import { assumeRoleSchema, federationMode, federationTokenSchema } from './federation.ts';
import { httpUrl, signingPair } from './fields.ts';
import { forwardSchema, providerName } from './forward.ts';
import { partitionName, partitionSchema, regionName } from './partition.ts';
import { webIdentitySchema } from './web-identity.ts';

export const awsSchema = z.strictObject({
  partition: partitionName.default('aws'),
  otherPartition: partitionSchema.optional(),
  region: regionName,
  /** Where STS is asked when the account's own region does not answer, in order. */
  fallbackRegions: z.array(regionName).max(5).default([]),
  fips: z.boolean().default(false),
  mode: federationMode.default('mint'),
  assumeRole: assumeRoleSchema.prefault({}),
  federationToken: federationTokenSchema.prefault({}),
  webIdentity: webIdentitySchema.prefault({}),
  forward: forwardSchema.optional(),
  provider: providerName,
  issuer: z.string().min(1).max(256),
  signing: signingPair,
  /** Certificate that is published beside the one in use, before it takes its place. */
  nextSigning: z.string().optional(),
  endpoints: z
    .strictObject({
      sts: httpUrl.optional(),
      signin: httpUrl.optional(),
      /** For `doctor aws` alone. */
      iam: httpUrl.optional(),
      /** For `${aws-secret:…}` and `${ssm:…}`. */
      secretsManager: httpUrl.optional(),
      ssm: httpUrl.optional(),
      /** For `accountsFrom.organizations`. */
      organizations: httpUrl.optional(),
    })
    .prefault({}),
});
