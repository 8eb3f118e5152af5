// Issuance rules: which claims and which NameID a user gets at a relying party.

import { createHash, randomUUID } from 'node:crypto';
import { authnContext, claimTypes, nameIdFormats } from './names.ts';
import type { AdfsUser, NameId, RelyingPartyTrust } from './types.ts';

/** Claim values by claim type URI. */
export type Claims = Readonly<Record<string, readonly string[]>>;

const otpMethod = 'http://schemas.microsoft.com/ws/2012/12/authmethod/otp';

/** The claims of a user; types without a value are left out, as AD FS issues no empty attribute. */
export function claimsFor(user: AdfsUser, trust: RelyingPartyTrust, hasSecondFactor: boolean): Claims {
  const usesSids = trust.groupClaim === 'sid';
  const claims: Record<string, readonly string[]> = {
    [claimTypes.upn]: [user.upn],
    [claimTypes.name]: [user.displayName],
    [claimTypes.emailAddress]: [user.email],
    [claimTypes.givenName]: [user.givenName],
    [claimTypes.surname]: [user.surname],
    [claimTypes.windowsAccountName]: [user.windowsAccountName],
    [claimTypes.group]: usesSids ? [] : user.groups,
    [claimTypes.groupSid]: user.groupSids ?? [],
    [claimTypes.denyOnlySid]: user.denyOnlySids ?? [],
    [claimTypes.authnMethodsReferences]: hasSecondFactor
      ? [authnContext.passwordProtectedTransport, otpMethod, authnContext.multipleAuthn]
      : [],
    ...user.extraClaims,
    ...trust.claimRules?.(user),
  };
  return Object.fromEntries(Object.entries(claims).filter(([, values]) => values.length > 0 && values[0] !== ''));
}

/** The NameID the trust's rule issues, or none. A transient one is new at each call. */
export function nameIdFor(user: AdfsUser, trust: RelyingPartyTrust): NameId | undefined {
  const format = trust.nameIdFormat ?? 'unspecified';
  if (format === 'none') return undefined;
  const values = {
    unspecified: () => user.upn,
    emailAddress: () => user.email,
    // Core §8.3.7: pairwise and opaque.
    persistent: () => createHash('sha256').update(`${user.upn}\0${trust.entityId}`).digest('base64'),
    transient: () => `_${randomUUID()}`,
    WindowsDomainQualifiedName: () => user.windowsAccountName,
  };
  return { value: values[format](), format: nameIdFormats[format] };
}
