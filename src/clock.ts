// The only place that reads the system's time. Everything else is given a Clock, or a `now` taken from it once.

export interface Clock {
  readonly now: () => Date;
}

export const systemClock: Clock = { now: () => new Date() };
