// Settings of the process that show or weaken what the broker keeps secret, whatever the configuration says.
import type { Environment } from '../text/interpolate.ts';

/** Options of Node, from its command line or NODE_OPTIONS. Node takes `_` for `-`. */
const options: readonly (readonly [RegExp, string])[] = [
  [/^--inspect(-|=|$)/, 'a client of the debugger can read every key'],
  [/^--tls-keylog(=|$)/, 'it writes the keys of TLS connections to a file'],
  [/^--trace-tls$/, 'it prints TLS connections'],
  [/^--tls-min-v1\.[01]$/, 'it allows TLS below 1.2'],
  [/^--insecure-http-parser$/, 'it accepts ambiguous requests'],
  [/^--(heap-prof|heapsnapshot)/, 'it writes the memory with its keys to a file'],
  [/^--report-/, 'reports contain the environment with its secrets'],
  [/^--tls-cipher-list(=|$)/, 'it can allow weak ciphers'],
  [/^--openssl-/, 'it can weaken cryptography and load foreign code'],
];

/** Modules whose debug output has headers and bodies. */
const talkative = ['http', 'https', 'http2', 'net', 'tls', 'undici', 'fetch', 'websocket'];

/** @param execArgv the options of Node on its command line */
export function relaxedProcess(env: Environment, execArgv: readonly string[]): string[] {
  const found: string[] = [];
  const refuse = (name: string, reason: string) => found.push(`environment: ${name} must not be set: ${reason}`);
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    refuse(
      'NODE_TLS_REJECT_UNAUTHORIZED',
      'no certificate would be checked; use NODE_EXTRA_CA_CERTS for a private authority',
    );
  }
  if (isSet(env['SSLKEYLOGFILE'])) refuse('SSLKEYLOGFILE', 'it asks for the keys of TLS connections in a file');
  if (matches(env['NODE_DEBUG'] ?? '', talkative)) refuse('NODE_DEBUG', 'it prints requests with credentials');
  if (isSet(env['NODE_DEBUG_NATIVE'])) refuse('NODE_DEBUG_NATIVE', 'it prints the contents of connections');
  if (isSet(env['DEBUG'])) refuse('DEBUG', 'libraries print commands with passwords');
  if (isSet(env['OPENSSL_CONF'])) refuse('OPENSSL_CONF', 'it can weaken cryptography and load foreign code');
  return [
    ...found,
    ...relaxedOptions(execArgv, 'command line'),
    ...relaxedOptions(split(env['NODE_OPTIONS'] ?? ''), 'environment: NODE_OPTIONS'),
  ];
}

function relaxedOptions(given: readonly string[], place: string): string[] {
  return given.flatMap((option) => {
    const [name = '', ...value] = option.split('=');
    const normal = [name.replaceAll('_', '-'), ...value].join('=');
    const reason = options.find(([pattern]) => pattern.test(normal))?.[1];
    return reason === undefined ? [] : [`${place}: ${name} must not be given: ${reason}`];
  });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

// Node separates by commas, ignores case, and takes * for any text.
function matches(list: string, names: readonly string[]): boolean {
  return list.split(',').some((item) => {
    const text = item
      .trim()
      .replace(/[\\^$+?.()|[\]{}]/g, '\\$&')
      .replaceAll('*', '.*');
    return text !== '' && names.some((name) => new RegExp(`^${text}$`, 'i').test(name));
  });
}

// Quoted parts may contain spaces: NODE_OPTIONS='"--tls-keylog=a b"'.
function split(text: string): string[] {
  return (text.match(/(?:"(?:\\.|[^"])*"|\S)+/g) ?? []).map((part) => part.replaceAll('"', ''));
}
