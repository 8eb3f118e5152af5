// English: why a user has a role or not, and the administrators' pages.

export const whyEn = {
  whyLink: 'Access help',
  whyTitle: 'Why do I (not) have access?',
  whyIntro: 'Rules grant roles. Each rule checks the attributes from your identity provider.',
  roleField: 'Role',
  accountField: 'Account',
  search: 'Search',
  showAll: 'Show all rules',
  searchedFor: 'Rules that can grant the role you searched for',
  allRules: 'All rules',
  noRuleTitle: 'No rule grants this role',
  noRuleText: 'This portal grants it to no user. Check the spelling, or request a rule.',
  gives: 'grants',
  givesNot: 'grants nothing',
  roleIn: (role: string, account: string, id: string) => `${role} in ${account} (${id})`,
  onlyFrom: (networks: string) => `only from ${networks}`,
  offersRole: (role: string) => `Its role: ${role}`,
  offersIn: (accounts: string) => `in ${accounts}`,
  offersByGroup: 'The name of a group determines the role or account.',
  andMore: (count: number) => `and ${count} more`,
  sentBy: 'Attributes from your identity provider',
  identityProvider: 'Identity provider',
  signedInAt: 'Signed in',
  signedInAs: 'User',
  contexts: 'Sign-in method',
  groups: (count: number) => `Groups (${count})`,
  none: 'none',
  joinedGroups: (characters: number) =>
    `One value of ${characters} characters holds ; or ,: does the identity provider join the groups? Each group must be a separate value.`,
  longGroups: (values: number, most: number) =>
    `${values} of the groups have more than ${most} characters: values over ${most} characters are not matched against patterns.`,
  ruleHints: {
    normal_form:
      'One of your values looks the same as the value that the rule requires, but has a different Unicode normal form (composed or decomposed letters).',
    white_space:
      'One of your values differs from the value that the rule requires only in white space or invisible characters.',
    joined:
      'The rule would match if your groups were separate values: the identity provider seems to join them into one.',
  },
  because: {
    nearMiss: (wanted: string, has: string) =>
      `This rule requires the group “${wanted}”. You are in “${has}”, which is similar but not the same: groups are compared letter by letter.`,
    group: (groups: string) => `You are not in the group ${groups}.`,
    or: 'or',
    more: (has: string) => `You are in the group “${has}”, but the rule requires more.`,
    missingGroup: (groups: string) => `You may not be in the group ${groups}.`,
    missingClaim: (claims: string) => `These attributes may be missing: ${claims}.`,
    pattern: 'This rule reads the names of groups. None of your groups matches a configured account.',
    claim: (claims: string) => `Your identity provider must send ${claims}.`,
    notForwarded:
      'This rule matches, but your identity provider does not send the role to AWS, which this rule requires.',
    identityProvider: 'This rule applies to users of a different identity provider.',
    network: (address: string) =>
      `This rule matches, but not for requests from your address, which this portal sees as ${address}.`,
    denied: 'Your organization has blocked this access. Ask your security team.',
    excluded: 'An attribute from your identity provider excludes you.',
  },
  nextStep: 'Next step',
  adminLink: 'Administration',
  adminExplain: 'Access explorer',
  adminExplainTitle: 'Which roles would a user have?',
  adminExplainIntro:
    'The rules now in force, applied to a new sign-in with these groups and no other attributes. “You” means that user. Each view is recorded.',
  userField: 'User name',
  groupsField: 'Groups, one per line',
  explain: 'Explain',
  sessionNameAtAws: 'Session name at AWS',
  adminRefusals: 'Sign-in failures',
  adminRefusalsTitle: 'Recently refused sign-ins and credential requests',
  adminRefusalsIntro: (count: number) =>
    `At most ${count} from each server process, for 7 days. The audit trail has all of them. Each view is recorded.`,
  noRefusals: 'No sign-in or credential request was refused in the last 7 days.',
  reason: 'Reason',
  detail: 'Detail',
  received: 'Received',
  expected: 'Expected',
  algorithm: 'Algorithm',
  suggestedFix: 'Suggested fix',
  fixOfCode: {
    sign_in_cancelled: 'None if the user cancelled. Otherwise the identity provider denied the sign-in: see its log.',
    step_up_refused: 'Set authnContexts to a context that this identity provider supports, or set up MFA there.',
  },
  fixes: {
    malformed:
      'Compare the detail with the message of the identity provider. Check that no proxy changes the form, and that the application is set up for this protocol.',
    too_large: 'Send fewer groups: restrict the claim at the identity provider to the groups that the rules use.',
    signature:
      'Check which parts the identity provider signs (want.assertionsSigned, want.responseSigned), and that its metadata here has its current key.',
    algorithm: 'Set the identity provider to the algorithms in docs/conformance.md, such as RSA-SHA256.',
    issuer: 'Use the identity provider’s own identifier here, letter by letter: metadata.entityId, or openid.issuer.',
    destination:
      'Set the application’s AssertionConsumerService URL at the identity provider to the expected value; check baseUrl and the proxy.',
    recipient: 'Set the application’s AssertionConsumerService URL at the identity provider to the expected value.',
    audience: 'Set the audience (entityID, client id) at the identity provider to the expected value.',
    not_yet_valid: 'Synchronize the clocks of the identity provider and of this server (NTP), or raise clockSkew.',
    expired:
      'Synchronize the clocks. If the clocks agree, the sign-in took too long or an old page was submitted again: sign in again.',
    correlation:
      'For one user now and then: a second tab, the back button, or blocked cookies; sign in again. For all users: the identity provider must return RelayState and InResponseTo unchanged. A sign-in that begins at the identity provider needs unsolicited.allowed.',
    replay:
      'None: the same response arrived twice, by the back button or a reload. Many from one address are an attack.',
    status: 'See the log of the identity provider at this time: it refused the request.',
    subject:
      'Set the identity provider to send a bearer subject confirmation, and the NameID that the configuration reads.',
    authn_context:
      'The identity provider answered from an earlier sign-in, or without AuthnStatement. Check that it supports ForceAuthn.',
    attributes:
      'Compare attributes.user with the attributes that the identity provider sends: it must be exactly one text value that does not change.',
    encryption:
      'Give the identity provider the current encryption certificate of this server, or turn encryption off there.',
    rate_limited:
      'Raise limits.signIn if many users share this address; otherwise find the program that sends the requests.',
  },
  refusedRole: 'Role',
  refusedRoleOf: (role: string, user: string, rule: string) => `${role} for ${user}, by the rule “${rule}”`,
  sourceAddress: 'From',
  signInSystem: 'Identity provider',
  unknownIdp: 'unknown',
} as const;
