// What `keys` says about the accounts that trust the minting key, and which of them a step would lock out.
import type { ProviderTrust } from '../provisioning/provider-trust.ts';
import { certificateFacts } from '../saml/metadata/certificate.ts';

/** PEM: the certificate in use, and that of a rotation that has begun. */
export interface MintingCertificates {
  readonly current: string;
  readonly waiting: string | undefined;
  readonly isWaitingOlder: boolean;
}

/** One line for each account. */
export function describeTrust(accounts: readonly ProviderTrust[], certificates: MintingCertificates): string {
  if (accounts.length === 0) return 'no account has a SAML provider of this broker';
  return accounts.map(({ account, trusts }) => `${account}: ${trustOf(trusts, certificates)}`).join('\n');
}

function trustOf(trusts: ProviderTrust['trusts'], certificates: MintingCertificates): string {
  if ('problem' in trusts) return `could not be read: ${trusts.problem}`;
  const { current, waiting, isWaitingOlder } = certificates;
  const has = (pem: string | undefined) => pem !== undefined && trusts.includes(certificateFacts(pem).fingerprint);
  const other = isWaitingOlder ? 'the old certificate' : 'the next certificate';
  if (has(current)) {
    if (has(waiting)) return `trusts the certificate in use and ${other}`;
    const isBehind = waiting !== undefined && !isWaitingOlder;
    return isBehind
      ? 'trusts only the certificate in use: upload the metadata with both'
      : 'trusts the certificate in use';
  }
  return has(waiting)
    ? `LOCKED OUT: trusts only ${other}: upload the metadata of \`rolegate-server metadata aws\``
    : 'LOCKED OUT: trusts no certificate of this broker: upload the metadata of `rolegate-server metadata aws`';
}

/** Accounts that do not trust a certificate, or could not be asked, each with the reason. */
export function accountsWithout(accounts: readonly ProviderTrust[], pem: string): string[] {
  const { fingerprint } = certificateFacts(pem);
  return accounts.flatMap(({ account, trusts }) => {
    if ('problem' in trusts) return [`${account}: could not be read: ${trusts.problem}`];
    return trusts.includes(fingerprint) ? [] : [`${account}: does not trust SHA-256 ${fingerprint}`];
  });
}
