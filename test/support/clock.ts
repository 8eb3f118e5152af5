// A clock that only a test moves; it fits every `now: () => Date` in the product.

export interface TestClock {
  /** The current time of the test; can be handed on as a bare function. */
  now: () => Date;
  /** Moves forward (or, with a negative number, back). */
  advance: (milliseconds: number) => void;
  set: (time: Date) => void;
}

/** Starts at `start`, or at a fixed moment: a test must not depend on the day it runs. */
export function createTestClock(start: Date = new Date('2026-03-02T09:00:00.000Z')): TestClock {
  let milliseconds = start.getTime();
  return {
    now: () => new Date(milliseconds),
    advance: (by) => {
      milliseconds += by;
    },
    set: (time) => {
      milliseconds = time.getTime();
    },
  };
}
