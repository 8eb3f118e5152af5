// What one check of `rolegate doctor` says.
import type { ExitName } from '../machine/errors.ts';

export interface Check {
  readonly name: string;
  /** A warning costs nothing now, or is another tool's matter. */
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  /** What to do about it; null where there is nothing to do. */
  readonly advice: string | null;
  /** What the command ends with when this failed. */
  readonly exit: ExitName;
}

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, advice: null, exit: 'ok' };
}

export function warning(name: string, detail: string, advice: string): Check {
  return { name, status: 'warning', detail, advice, exit: 'ok' };
}

export function failed(name: string, detail: string, advice: string, exit: ExitName = 'failed'): Check {
  return { name, status: 'failed', detail, advice, exit };
}
