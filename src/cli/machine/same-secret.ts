// Compares secrets.
import { timingSafeEqual } from 'node:crypto';

/** Constant in time for texts of the same length. */
export function isSameSecret(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
