// `rolegate-server explain`: which roles a person with these groups would have, and why not the others. Offline.
import { explainRules, type WhyNot } from '../access/explain.ts';
import { hintText, identityHints, type RuleHint } from '../access/identity-hints.ts';
import type { Identity } from '../access/model.ts';
import { sessionName } from '../access/session-name.ts';
import { sessionNames } from '../broker/credentials/session-content.ts';
import { type Config, ConfigError } from '../config/config.ts';

export interface ExplainInput {
  readonly user: string;
  readonly groups: readonly string[];
  /** Defaults to the first identity provider. */
  readonly idp: string | undefined;
}

/** @throws ConfigError for an identity provider that is not configured */
export function explain(config: Config, input: ExplainInput, now: Date): string {
  const primary = config.identityProviders[0]!.id;
  const identity = hypotheticalIdentity(config, input, now);
  const lines = explainRules(identity, config.policy, now).flatMap(({ rule, roles, because, hint, networks }) => {
    if (because !== undefined) return [`no   ${rule}: ${sentence(because)}${hint ? `; ${ruleHints[hint]}` : ''}`];
    const from = networks ? `, for requests from ${networks.join(', ')}` : '';
    return roles.map((role) => {
      const stepUp = role.stepUp ? ', after a stronger sign-in' : '';
      const why = {
        rule: '',
        role: ', as long as the role allows',
        chaining: ', as AWS allows a chained role',
        session: '',
      };
      const mode = role.mode === 'mint' ? '' : `, by ${role.mode}`;
      const length = `${role.maxDurationSeconds} s${why[role.durationLimitedBy]}`;
      const isNamed = role.session.nameTemplate !== undefined;
      const name = isNamed ? `, as ${sessionNames(role, identity, primary).roleSessionName}` : '';
      return `yes  ${rule}: ${role.roleArn} for at most ${length}${mode}${name}${stepUp}${from}`;
    });
  });
  const notes = identityHints(identity, config.policy).map((hint) => `note: ${hintText(hint)}`);
  return [`session name at AWS: ${sessionName(identity, identity.idp === primary)}`, ...notes, ...lines].join('\n');
}

const ruleHints: Readonly<Record<RuleHint, string>> = {
  normal_form: 'a value differs only in Unicode normal form',
  white_space: 'a value differs only in white space or invisible characters',
  joined: 'it would match if the groups were separate values: does the identity provider join them?',
};

/** A person with these groups, freshly signed in without a stronger context. @throws ConfigError */
export function hypotheticalIdentity(config: Config, { user, groups, idp }: ExplainInput, now: Date): Identity {
  const id = idp ?? config.identityProviders[0]!.id;
  return {
    idp: id,
    user,
    userSource: sourceOf(config, id),
    displayName: user,
    groups,
    claims: {},
    authnContexts: [],
    authnInstant: now.getTime(),
  };
}

function sentence(because: WhyNot): string {
  const quoted = (values: readonly string[]) => values.map((value) => `"${value}"`).join(' or ');
  switch (because.kind) {
    case 'near_miss':
      return because.misses
        .map(({ wanted, has }) => `requires the group "${wanted}"; the user is in "${has}", which is not the same`)
        .join('; ');
    case 'group':
      return `needs the group ${quoted(because.groups)}`;
    case 'more':
      return 'the group is there, but another condition of the rule is not met or no listed account fits';
    case 'pattern':
      return 'no group fits its pattern together with a listed account';
    case 'claim':
      return `needs ${because.claims.map(({ name, value }) => `the claim ${name} with the value "${value}"`).join(' or ')}`;
    case 'identity_provider':
      return 'takes the word of other identity providers only';
    case 'not_forwarded':
      return 'needs a response of the identity provider that names the role to AWS';
    case 'network':
      return `does not count for requests from ${because.address}`;
    case 'denied':
      return 'the user or one of their groups is in deny';
    case 'excluded':
      return 'something is there that the rule excludes';
  }
}

function sourceOf(config: Config, id: string): string {
  const idp = config.identityProviders.find((each) => each.id === id);
  if (!idp) throw new ConfigError(id, ['is not the id of an identity provider']);
  const { user } = idp.attributes;
  return typeof user === 'string' ? user : 'nameId';
}
