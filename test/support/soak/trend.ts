// Whether a quantity stays flat over a long run: the trend of its floors, since busy moments move everything above them.

export interface Sample {
  /** Milliseconds since the run began. */
  readonly at: number;
  readonly value: number;
}

export interface Trend {
  readonly first: number;
  readonly last: number;
  readonly peak: number;
  /** What the fitted line gains from the end of the warm-up to the end of the run. */
  readonly growth: number;
}

const windows = 6;

/** The least value of each sixth after the warm-up, and the line that fits them best. @throws Error with too few samples */
export function trendOf(samples: readonly Sample[], warmUpMs: number): Trend {
  const warm = samples.filter(({ at }) => at >= warmUpMs);
  const [begin, end] = [warm.at(0)?.at ?? 0, warm.at(-1)?.at ?? 0];
  const length = (end - begin) / windows;
  const floors = Array.from({ length: windows }, (_, index) => {
    const isLast = index === windows - 1;
    const inside = warm.filter(
      ({ at }) => at >= begin + index * length && (isLast || at < begin + (index + 1) * length),
    );
    if (inside.length === 0) throw new Error(`no sample in window ${index + 1} of ${windows}`);
    return Math.min(...inside.map(({ value }) => value));
  });
  return {
    first: floors[0]!,
    last: floors.at(-1)!,
    peak: Math.max(...warm.map(({ value }) => value)),
    growth: slope(floors) * (windows - 1),
  };
}

/** Of the least-squares line, for each step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [above, below] = values.reduce(
    ([a, b], value, index) => [a + (index - middle) * (value - mean), b + (index - middle) ** 2],
    [0, 0],
  );
  return above / below;
}
