// Log groups and streams with their events, in memory.

/** An event as GetLogEvents gives it back. */
export interface StoredLogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
}

/** By the name of the group, then of the stream. */
export type LogGroups = Map<string, Map<string, StoredLogEvent[]>>;

/** Groups that are there from the beginning; streams are created. */
export function createLogGroups(names: readonly string[]): LogGroups {
  return new Map(names.map((name) => [name, new Map()]));
}
