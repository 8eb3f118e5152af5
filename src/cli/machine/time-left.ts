// Times for people: on their own clock, and how long that is from now.
import type { CliContext } from './context.ts';

/** Whole seconds, none below 0. @param instant ISO 8601 */
export function secondsLeft({ clock }: CliContext, instant: string): number {
  return Math.max(0, Math.floor((Date.parse(instant) - clock.now().getTime()) / 1000));
}

/** Such as `until 2026-03-02 18:05 (7 h 58 min)`. */
export function describeEnd(context: CliContext, instant: string): string {
  return `until ${localTime(instant)} (${describeSeconds(secondsLeft(context, instant))})`;
}

export function describeSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${seconds} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function localTime(instant: string): string {
  const time = new Date(instant);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
