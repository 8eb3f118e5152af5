// Interleaved rounds: every candidate is measured once per round, in rotating order, and ratios are formed inside a round.

export interface Candidate {
  readonly name: string;
  /** One measurement; usually milliseconds of CPU per operation. */
  measure(): Promise<number>;
}

export interface Measured {
  readonly name: string;
  /** By round. */
  readonly values: readonly number[];
}

/** Measures all candidates `rounds` times. A slow machine phase hits all of them instead of one. */
export async function interleave(candidates: readonly Candidate[], rounds: number): Promise<Measured[]> {
  const values = candidates.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < candidates.length; turn++) {
      const index = (round + turn) % candidates.length;
      values[index]!.push(await candidates[index]!.measure());
    }
  }
  return candidates.map(({ name }, index) => ({ name, values: values[index]! }));
}

/** The median of the ratios inside each round. */
export function ratio(measured: Measured, base: Measured): number {
  return median(measured.values.map((value, round) => value / base.values[round]!));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Lower and upper quartile. */
export function quartiles(values: readonly number[]): readonly [number, number] {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

/** True if the quartiles are more than 25 % of the median apart: the figures of this run decide nothing. */
export function isNoisy({ values }: Measured): boolean {
  const [low, high] = quartiles(values);
  return high - low > 0.25 * median(values);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}
