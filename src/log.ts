// The process log: one JSON object a line on stdout, with anything that could hold a secret removed.
import { type Logger, pino } from 'pino';

export type { Logger };

const secretFields = [
  'SAMLResponse',
  'RelayState',
  'cookie',
  'authorization',
  'password',
  'token',
  'secret',
  'credentials',
];

export function createLogger(level: string, destination?: NodeJS.WritableStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '[removed]' },
  };
  return destination ? pino(options, destination) : pino(options);
}
