// What was started, to be ended in the opposite order, also if the set-up fails half-way.
export interface Ends {
  add(end: () => unknown): void;
  /** Ends everything; one that fails does not keep the others. */
  all(): Promise<void>;
}

export function createEnds(): Ends {
  const ends: (() => unknown)[] = [];
  return {
    add: (end) => void ends.push(end),
    all: async () => {
      const failures: unknown[] = [];
      for (const end of ends.splice(0).reverse()) await Promise.resolve(end()).catch((error) => failures.push(error));
      if (failures.length > 0) throw new AggregateError(failures, 'some of what was started did not end');
    },
  };
}
