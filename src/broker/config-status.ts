// What this process knows of its configuration: since when it is in force, and the last one that was rejected.
import type { Clock } from '../clock.ts';

export interface ConfigStatus {
  readonly loadedAt: Date;
  /** Settings that differ in the file and need a restart. */
  readonly needRestart: readonly string[];
  /** Undefined unless the last reload was rejected. */
  readonly rejected: { readonly at: Date; readonly problems: readonly string[] } | undefined;
}

export interface ConfigHistory {
  loaded(needRestart: readonly string[]): void;
  rejected(problems: readonly string[]): void;
  status(): ConfigStatus;
}

export function createConfigHistory({ now }: Clock): ConfigHistory {
  let status: ConfigStatus = { loadedAt: now(), needRestart: [], rejected: undefined };
  return {
    loaded: (needRestart) => {
      status = { loadedAt: now(), needRestart, rejected: undefined };
    },
    rejected: (problems) => {
      status = { ...status, rejected: { at: now(), problems } };
    },
    status: () => status,
  };
}
