// Durations as people write them: `45m`, `8h`, or seconds.

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds; undefined if the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * unitSeconds[unit || 's']!;
}
