// English: why a person has a role or not, and the administrators' pages.

export const whyEn = {
  whyLink: 'Access help',
  whyTitle: 'Why do I have access, or not?',
  whyIntro: 'Rules give roles. Each rule checks the attributes from your identity provider.',
  roleField: 'Role',
  accountField: 'Account',
  search: 'Search',
  showAll: 'Show all rules',
  searchedFor: 'Rules that can give what you searched for',
  allRules: 'All rules',
  noRuleTitle: 'No rule gives such a role',
  noRuleText: 'This portal gives it to no one: check the spelling, or ask for a rule.',
  gives: 'gives',
  givesNot: 'gives nothing',
  roleIn: (role: string, account: string, id: string) => `${role} in ${account} (${id})`,
  onlyFrom: (networks: string) => `only from ${networks}`,
  offersRole: (role: string) => `Its role: ${role}`,
  offersIn: (accounts: string) => `in ${accounts}`,
  offersByGroup: 'The name of a group says which role or account.',
  andMore: (count: number) => `and ${count} more`,
  sentBy: 'Attributes from your identity provider',
  identityProvider: 'Signed in at',
  signedInAt: 'Signed in on',
  signedInAs: 'As',
  contexts: 'How',
  groups: (count: number) => `Groups (${count})`,
  none: 'none',
  joinedGroups: (characters: number) =>
    `One value of ${characters} characters holds ; or ,: does the identity provider join the groups? Groups count one value each.`,
  longGroups: (values: number, most: number) =>
    `${values} of the groups have more than ${most} characters: values over ${most} characters are not tried against patterns.`,
  ruleHints: {
    normal_form:
      'A value of yours looks the same as the one that the rule needs, but differs only in Unicode normal form (composed or decomposed letters).',
    white_space:
      'A value of yours differs from the one that the rule needs only in white space or invisible characters.',
    joined:
      'The rule would count if your groups were separate values: the identity provider seems to join them into one.',
  },
  because: {
    nearMiss: (wanted: string, has: string) =>
      `It needs the group “${wanted}”. You have “${has}”, which is close but not the same: groups are compared letter by letter.`,
    group: (groups: string) => `You are not in the group ${groups}.`,
    or: 'or',
    more: (has: string) => `You are in the group “${has}”, but the rule asks for more.`,
    missingGroup: (groups: string) => `What may be missing is the group ${groups}.`,
    missingClaim: (claims: string) => `What may be missing: ${claims}.`,
    pattern: 'It goes by the names of groups, and none of yours fits together with an account that is listed here.',
    claim: (claims: string) => `Your sign-in would have to bring ${claims}.`,
    notForwarded: 'It fits you, but your sign-in system does not name the role to AWS, as this one needs.',
    identityProvider: 'It counts for people who sign in somewhere else.',
    network: (address: string) =>
      `It fits you, but it does not count for requests from your address, which is ${address} as this portal sees it.`,
    denied: 'Your organization has blocked this access. Ask your security team.',
    excluded: 'An attribute from your identity provider excludes you.',
  },
  whomToAsk: 'Whom to ask',
  adminLink: 'Administration',
  adminExplain: 'Access explorer',
  adminExplainTitle: 'Which roles would a person have?',
  adminExplainIntro:
    'Answered from the rules that are in force now, for a fresh sign-in that brought these groups and nothing else. Where it says “you”, the person is meant. Each look is recorded.',
  userField: 'User name',
  groupsField: 'Groups, one on each line',
  explain: 'Explain',
  sessionNameAtAws: 'Session name at AWS',
  adminRefusals: 'Sign-in failures',
  adminRefusalsTitle: 'The last refused sign-ins and credentials',
  adminRefusalsIntro: (count: number) =>
    `At most ${count} from each server process, for 7 days. The audit trail has all of them. Each look is recorded.`,
  noRefusals: 'No sign-in and no credentials have been refused in the last 7 days.',
  reason: 'Reason',
  detail: 'Detail',
  received: 'Received',
  expected: 'Expected',
  algorithm: 'Algorithm',
  suggestedFix: 'Suggested fix',
  fixOfCode: {
    sign_in_cancelled:
      'Nothing, if the person cancelled. Otherwise the identity provider did not let them in: its log says why.',
    step_up_refused:
      'Name in authnContexts a context that this identity provider knows, or set up the stronger sign-in there.',
  },
  fixes: {
    malformed:
      'Compare the detail with what the identity provider sends. Check that nothing on the way changes the form, and that the application is set up for this protocol.',
    too_large: 'Send fewer groups: restrict the claim at the identity provider to the groups that the rules use.',
    signature:
      'Check what the identity provider signs (want.assertionsSigned, want.responseSigned), and that its metadata here has its current key.',
    algorithm: 'Set the identity provider to the algorithms in docs/conformance.md, such as RSA-SHA256.',
    issuer: 'Use the identity provider’s own identifier here, letter by letter: metadata.entityId, or openid.issuer.',
    destination:
      'Set the application’s AssertionConsumerService URL at the identity provider to the expected value; check baseUrl and the proxy.',
    recipient: 'Set the application’s AssertionConsumerService URL at the identity provider to the expected value.',
    audience: 'Set the audience (entityID, client id) at the identity provider to the expected value.',
    not_yet_valid: 'Synchronize the clocks of the identity provider and of this server (NTP), or raise clockSkew.',
    expired:
      'Synchronize the clocks. If the clocks agree, the person took too long or an old page was sent again: sign in again.',
    correlation:
      'One person now and then: a second tab, the back button, or blocked cookies; sign in again. Everyone: the identity provider must return RelayState and InResponseTo as they came. A sign-in that begins at the identity provider needs unsolicited.allowed.',
    replay: 'Nothing: the same answer came twice, by the back button or a reload. Many from one address are an attack.',
    status: 'Look into the log of the identity provider at this time: it refused the request itself.',
    subject:
      'Set the identity provider to send a bearer subject confirmation, and the NameID that the configuration reads.',
    authn_context:
      'The identity provider answered from an earlier sign-in, or without AuthnStatement. Check that it supports ForceAuthn.',
    attributes:
      'Compare attributes.user with what the identity provider sends: it needs exactly one text value that does not change.',
    encryption: 'Give the identity provider our current encryption certificate, or switch encryption off there.',
    rate_limited: 'Raise limits.signIn if many people share this address; otherwise look for the program that does it.',
  },
  refusedRole: 'Role',
  refusedRoleOf: (role: string, user: string, rule: string) => `${role} for ${user}, by the rule “${rule}”`,
  sourceAddress: 'From',
  signInSystem: 'Sign-in system',
  unknownIdp: 'not known',
} as const;
