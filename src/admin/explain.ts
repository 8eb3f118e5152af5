// `rolegate-server explain`: which roles somebody with these groups would have, and why not the others. Offline.
import { explainRules } from '../access/explain.ts';
import type { Identity } from '../access/model.ts';
import { sessionName } from '../access/session-name.ts';
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
  const identity: Identity = {
    idp: input.idp ?? primary,
    user: input.user,
    userSource: sourceOf(config, input.idp ?? primary),
    displayName: input.user,
    groups: input.groups,
    claims: {},
    authnContexts: [],
    authnInstant: now.getTime(),
  };
  const lines = explainRules(identity, config.policy, now).flatMap(({ rule, roles, because }) => {
    if (because !== undefined) return [`no   ${rule}: ${because}`];
    return roles.map((role) => {
      const stepUp = role.stepUp ? ', after a stronger sign-in' : '';
      return `yes  ${rule}: ${role.roleArn} for at most ${role.maxDurationSeconds} s${stepUp}`;
    });
  });
  return [`session name at AWS: ${sessionName(identity, identity.idp === primary)}`, ...lines].join('\n');
}

function sourceOf(config: Config, id: string): string {
  const idp = config.identityProviders.find((each) => each.id === id);
  if (!idp) throw new ConfigError(id, ['is not the id of an identity provider']);
  const { user } = idp.attributes;
  return typeof user === 'string' ? user : 'nameId';
}
