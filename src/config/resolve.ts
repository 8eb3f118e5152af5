// From the sections of the file to those of the configuration: files are read, keys parsed, references found.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { claimNamesOf, compilePolicy } from './compile-policy.ts';
import { resolveFederation } from './federation.ts';
import { readCertificate, resolveIdentityProviders } from './identity-provider.ts';
import { type LoadContext, loadTlsKeyPair, readText } from './keys.ts';
import { resolveOffboarding } from './offboarding/offboarding.ts';
import { resolveOpenidProviders } from './openid-provider.ts';
import { resolvePartition } from './partition.ts';
import { resolvePortal } from './portal.ts';
import type { ConfigFile } from './schema.ts';
import { resolveServiceProvider } from './service-provider.ts';
import { loadSigningPair } from './signing-keys.ts';
import { resolveStore } from './store.ts';
import { resolveAudit } from './trail/resolve-trail.ts';
import { resolveWebIdentity } from './web-identity.ts';

/** The sections that are valid by themselves. */
export type ValidSections = { readonly [Key in keyof ConfigFile]?: ConfigFile[Key] | undefined };

/** A section that is undefined here has a problem, which is in `context.problems`. */
export function resolveSections(file: ValidSections, context: LoadContext) {
  const { accounts, rules, deny, aws, identityProviders: idps = [], portal, baseUrl, listen, audit } = file;
  const hasPolicy = accounts && rules && deny && aws && file.identityProviders && portal;
  const policy =
    hasPolicy && compilePolicy({ accounts, rules, deny, aws, identityProviders: idps, portal }, context.problems);
  const resolvedAws = aws && resolveAws({ ...file, aws }, context);
  const serviceProvider = file.serviceProvider && aws && resolveServiceProvider(file.serviceProvider, context, aws);
  const samlProviders = resolveIdentityProviders(idps, context);
  const oidcProviders = resolveOpenidProviders(idps, context);
  return {
    mode: file.mode,
    baseUrl,
    acsUrl: baseUrl && `${baseUrl}/saml/acs`,
    listen: listen && { ...listen, tls: listen.tls && readTls(listen.tls, context) },
    operations: file.operations && resolveOperations(file.operations, file.mode),
    store: file.store && resolveStore(file.store, context),
    session: file.session,
    tests: file.tests ?? [],
    serviceProvider,
    samlProviders,
    oidcProviders,
    /** Both kinds, in the order of the file; users of the first keep their plain names at AWS. */
    identityProviders: idps.flatMap(
      ({ id }) => [...samlProviders, ...oidcProviders].find((each) => each.id === id) ?? [],
    ),
    aws: resolvedAws,
    policy,
    /** Names of the claims that rules read: a session keeps no others. */
    claimNames: policy && claimNamesOf(policy),
    audit: audit && aws && resolveAudit(audit, context, aws),
    offboarding: file.offboarding && file.identityProviders && resolveOffboarding(file.offboarding, idps, context),
    limits: file.limits,
    verification: file.verification,
    logLevel: file.log?.level,
    tracing: file.tracing,
    portal: portal && resolvePortal(portal, context),
    cliSignIn: file.commandLine && resolveCommandLine(file.commandLine, context),
  };
}

/** The folder has to be there; what it holds may change while the broker runs. */
function resolveCommandLine({ releases, ...rest }: ConfigFile['commandLine'], { directory, problems }: LoadContext) {
  const folder = releases === undefined ? undefined : resolve(directory, releases);
  if (folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    problems.push(`commandLine.releases: ${releases} is not a folder`);
  }
  return { ...rest, releases: folder };
}

/** In development there is no balancer that must notice. */
function resolveOperations({ drainDelay, ...rest }: ConfigFile['operations'], mode: ConfigFile['mode'] | undefined) {
  return { ...rest, drainDelayMs: drainDelay ?? (mode === 'production' ? 5000 : 0) };
}

function resolveAws(file: ValidSections & { aws: ConfigFile['aws'] }, context: LoadContext) {
  const { aws, accounts, portal } = file;
  const { region, fallbackRegions, fips, issuer, endpoints, nextSigning } = aws;
  const partition = resolvePartition(aws, accounts ?? [], context.problems);
  const webIdentity = resolveWebIdentity(aws.webIdentity, file.baseUrl ?? '', context);
  const federation = accounts && portal && resolveFederation({ accounts, aws, portal }, context.problems);
  const signing = loadSigningPair(aws.signing, 'aws.signing', context, aws);
  /** PEM: published beside the minting certificate in use, before it takes its place. */
  const nextSigningCertificate =
    nextSigning === undefined ? undefined : readCertificate(nextSigning, 'aws.nextSigning', context);
  if (!partition || !federation || !signing) return undefined;
  return {
    ...{ partition, region, fallbackRegions, fips, issuer, signing, nextSigningCertificate, webIdentity },
    endpoints,
    ...federation,
  };
}

function readTls(tls: { key: string; cert: string }, context: LoadContext) {
  loadTlsKeyPair(tls, 'listen.tls', context);
  const key = readText(tls.key, 'listen.tls.key', { ...context, problems: [] });
  const cert = readText(tls.cert, 'listen.tls.cert', { ...context, problems: [] });
  return key !== undefined && cert !== undefined ? { key, cert } : undefined;
}
