// The process log: one JSON object a line on stdout, with anything that could hold a secret removed.
import { type Logger, pino } from 'pino';

export type { Logger };

const secretFields = new Set([
  'SAMLResponse',
  'RelayState',
  'cookie',
  'authorization',
  'password',
  'token',
  'secret',
  'credentials',
]);

export function createLogger(level: string, destination?: NodeJS.WritableStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: (facts: Facts) => withoutSecrets(facts) },
  };
  return pino(options, destination ?? batchedStdout());
}

/** PIPE_BUF of Linux: a longer write may have a line of the audit trail inside. */
const wholeWrite = 4096;
const waitMs = 100;

/** One write for several lines: a write for each costs more than the line. The rest is written when the process ends. */
function batchedStdout() {
  const stdout = pino.destination({ dest: 1, minLength: wholeWrite / 2, maxWrite: wholeWrite, sync: false });
  let timer: NodeJS.Timeout | undefined;
  return {
    write(line: string): void {
      stdout.write(line);
      if (timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        stdout.flush();
      }, waitMs).unref();
    },
  };
}

type Facts = Record<string, unknown>;

/** Not by pino's `redact`, which clones every object that is logged: five times the cost of the line. */
function withoutSecrets(facts: Facts, isInside = false): Facts {
  let cleaned = facts;
  for (const name of Object.keys(facts)) {
    const value = facts[name];
    const isSecret = secretFields.has(name);
    if (!isSecret && (isInside || typeof value !== 'object' || value === null)) continue;
    const shown = isSecret ? '[removed]' : withoutSecrets(value as Facts, true);
    if (shown === value) continue;
    cleaned = { ...cleaned, [name]: shown };
  }
  return cleaned;
}
