// Rows A3 to A21 as one straight line, for both ways in: the STS call and the browser's POST to the sign-in page.
import { createHash } from 'node:crypto';
import { nestedIdentityError, notAuthorized } from '../errors.ts';
import type { EstateIndex, ProviderRecord, RoleRecord } from '../estate.ts';
import type { EventDraft } from '../events.ts';
import { trustPolicyAllows } from '../policy/trust-policy.ts';
import { isoSeconds } from '../world.ts';
import { splitRolePair } from './saml-attributes.ts';
import { decodeResponse, type JudgedAssertion, judgeResponse } from './saml-response.ts';

const ACTION = 'sts:AssumeRoleWithSAML';
const NAMEID_PREFIX = 'urn:oasis:names:tc:SAML:2.0:nameid-format:';

/** Who wants which role with which message. */
export interface SamlRequest {
  readonly roleArn: string;
  readonly principalArn: string;
  readonly encodedResponse: string;
  readonly now: Date;
  readonly maxSkewSeconds: number;
  /** A14 (always true unless strict) and F11. */
  isRecipientAllowed(recipient: string): boolean;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly draft: EventDraft;
}

/** A person let into a role. */
export interface SamlSession {
  readonly assertion: JudgedAssertion;
  readonly role: RoleRecord;
  readonly provider: ProviderRecord;
  readonly nameQualifier: string;
}

/** Judges message and trust policy. @throws AwsError */
export function openSamlSession(estate: EstateIndex, request: SamlRequest): SamlSession {
  const { roleArn, principalArn, requestId } = request;
  const provider = estate.providers.get(principalArn);
  // A3: a provider of another account or partition is as good as none.
  const [, partition, , , accountId] = roleArn.split(':');
  if (provider === undefined || accountId !== provider.accountId || partition !== estate.partition) {
    throw nestedIdentityError("Specified provider doesn't exist", 'AuthSamlManifestNotFoundException', requestId);
  }
  const message = decodeResponse(request.encodedResponse, requestId);
  const assertion = judgeResponse(message, { ...request, partition: estate.partition, provider });
  const qualifier = nameQualifier(assertion.issuer, provider.accountId, provider.name);
  describe(request.draft, assertion, provider, qualifier);
  const isNamed = assertion.rolePairs
    .map(splitRolePair)
    .some((pair) => pair?.roleArn === roleArn && pair.principalArn === principalArn);
  if (!isNamed) throw notAuthorized(ACTION);
  const role = estate.roles.get(roleArn);
  // Roles of IAM Identity Center cannot be assumed with SAML.
  if (role === undefined || role.role.name.startsWith('AWSReservedSSO_')) throw notAuthorized(ACTION);
  checkTrust(role, assertion, { provider, qualifier, sourceIp: request.sourceIp, now: request.now });
  return { assertion, role, provider, nameQualifier: qualifier };
}

/** base64(SHA-1(issuer + account id + "/" + provider name)). */
export function nameQualifier(issuer: string, accountId: string, providerName: string): string {
  return createHash('sha1').update(`${issuer}${accountId}/${providerName}`).digest('base64');
}

/** The SubjectType of an answer: SAML 2.0 formats lose their prefix, any other stays whole. */
export function subjectType(nameIdFormat: string): string {
  return nameIdFormat.startsWith(NAMEID_PREFIX) ? nameIdFormat.slice(NAMEID_PREFIX.length) : nameIdFormat;
}

/** What a trust policy can ask about beside the assertion. */
interface TrustFacts {
  readonly provider: ProviderRecord;
  readonly qualifier: string;
  readonly sourceIp: string;
  readonly now: Date;
}

/** A20, A21: the call itself, then tags and source identity, each need their own permission. */
function checkTrust(role: RoleRecord, assertion: JudgedAssertion, facts: TrustFacts): void {
  const actions = [
    ACTION,
    ...(assertion.tags.length > 0 ? ['sts:TagSession'] : []),
    ...(assertion.sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  const context = conditionContext(assertion, facts);
  const federatedPrincipal = facts.provider.arn;
  const isAllowed = actions.every((action) =>
    trustPolicyAllows(role.role.trustPolicy, { federatedPrincipal, action, context }),
  );
  if (!isAllowed) throw notAuthorized(ACTION);
}

function conditionContext(assertion: JudgedAssertion, facts: TrustFacts): Map<string, readonly string[]> {
  const { provider, qualifier, sourceIp, now } = facts;
  const type = subjectType(assertion.nameIdFormat);
  const context = new Map<string, readonly string[]>([
    ['saml:aud', [assertion.recipient]],
    ['saml:iss', [assertion.issuer]],
    ['saml:sub', [assertion.nameId]],
    ['saml:sub_type', [['persistent', 'transient'].includes(type) ? type : assertion.nameIdFormat]],
    ['saml:namequalifier', [qualifier]],
    ['saml:doc', [`${provider.accountId}/${provider.name}`]],
    ['sts:rolesessionname', [assertion.roleSessionName]],
    ['aws:sourceip', [sourceIp]],
    ['aws:currenttime', [isoSeconds(now)]],
    ['aws:epochtime', [String(Math.floor(now.getTime() / 1000))]],
    ['aws:federatedprovider', [provider.arn]],
  ]);
  if (assertion.sourceIdentity !== undefined) context.set('sts:sourceidentity', [assertion.sourceIdentity]);
  if (assertion.transitiveTagKeys.length > 0) context.set('sts:transitivetagkeys', assertion.transitiveTagKeys);
  if (assertion.tags.length > 0) {
    context.set(
      'aws:tagkeys',
      assertion.tags.map(([key]) => key),
    );
  }
  for (const [key, value] of assertion.tags) context.set(`aws:requesttag/${key.toLowerCase()}`, [value]);
  return context;
}

/** What CloudTrail tells about the caller once the assertion has been verified. */
function describe(draft: EventDraft, assertion: JudgedAssertion, provider: ProviderRecord, qualifier: string): void {
  draft.userIdentity = {
    type: 'SAMLUser',
    principalId: `${qualifier}:${assertion.nameId}`,
    userName: assertion.nameId,
    identityProvider: qualifier,
  };
  Object.assign(draft.requestParameters, {
    sAMLAssertionID: assertion.id,
    roleSessionName: assertion.roleSessionName,
    principalArn: provider.arn,
    ...(assertion.sourceIdentity === undefined ? {} : { sourceIdentity: assertion.sourceIdentity }),
    ...(assertion.tags.length === 0 ? {} : { principalTags: Object.fromEntries(assertion.tags) }),
    ...(assertion.transitiveTagKeys.length === 0 ? {} : { transitiveTagKeys: assertion.transitiveTagKeys }),
  });
}
