// Audit events of operators and administrators, and of the configuration.

/** An administrator ended sessions: one, of a user, of an identity provider, or all. */
type SessionsEvent = {
  readonly event: 'sessions_ended';
  readonly by: string;
  readonly session: string | undefined;
  readonly idp: string | undefined;
  readonly user: string | undefined;
  readonly browserSessions: number;
  readonly cliSessions: number;
};

/** A changed setting; the values of secrets are not here. */
interface ConfigChange {
  readonly path: string;
  readonly from?: string;
  readonly to?: string;
  readonly secret?: 'changed';
}

export type OperationsEvent =
  | SessionsEvent
  | {
      readonly event: 'config_reloaded';
      readonly trigger: 'file' | 'signal';
      readonly previousVersion: string;
      readonly version: string;
      readonly changes: readonly ConfigChange[];
      /** Changes that are not in the list. */
      readonly furtherChanges?: number;
      /** Settings that are different in the file and stay as they were until a restart. */
      readonly needRestart: readonly string[];
    }
  | {
      readonly event: 'config_rejected';
      readonly trigger: 'file' | 'signal';
      /** Stays in force. */
      readonly version: string;
      readonly problems: readonly string[];
      readonly furtherProblems?: number;
    };
