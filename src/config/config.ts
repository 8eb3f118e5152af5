// The configuration as the program uses it: files read, keys parsed, rules compiled. Made by load.ts only.

import type { Organization } from './accounts/organization.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { ConfigTree } from './live/diff.ts';
import type { OpenidProvider } from './openid-provider.ts';
import type { resolveSections } from './resolve.ts';

export type { IdentityProvider };

/** What pages and rules need to know of an identity provider, of either protocol. */
export type SignInSystem = IdentityProvider | OpenidProvider;

type Sections = ReturnType<typeof resolveSections>;

export type Config = { readonly [Key in keyof Sections]: NonNullable<Sections[Key]> } & {
  /** In development: each rule of production that is relaxed. One loud line for each at the start. */
  readonly warnings: readonly string[];
  readonly source: ConfigText;
};

/** What a configuration was made of: to say what another one changes, and to notice when it changes. */
export interface ConfigText extends ConfigTree, WatchedPaths {
  /** Changes with every change of the text. */
  readonly version: string;
  /** Where accounts come from AWS Organizations. */
  readonly organization: Organization | undefined;
}

export interface WatchedPaths {
  /** Every file that is part of the text, absolute: the configuration, what it includes, secrets. */
  readonly files: readonly string[];
  /** Folders where a new file could become part of it. */
  readonly folders: readonly string[];
}

/** Every problem of a configuration, each with the path of its key. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[]) {
    const list = problems.map((each) => `  ${each}`).join('\n');
    super(`${source}: ${problems.length} problem${problems.length === 1 ? '' : 's'}\n${list}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
