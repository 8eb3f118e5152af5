// Why no answer came, in words that lead to the remedy.
import { CliError } from './errors.ts';

const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_)/, 'the host name cannot be resolved. Is the address right, and the VPN or proxy on?'],
  [/^ECONNREFUSED/, 'connection refused'],
  [/^(ECONNRESET|EHOSTUNREACH|ENETUNREACH|EPIPE)/, 'the connection failed'],
  [/TIMEOUT|^ETIMEDOUT|^TimeoutError/, 'no answer in time: is the VPN or the proxy on?'],
  [/CERT_NOT_YET_VALID|CERT_HAS_EXPIRED/, "its certificate is not valid today: is this machine's clock right?"],
  [/ALTNAME/, 'its certificate is for another name'],
  [
    /CERT|SELF_SIGNED|ISSUER|UNABLE_TO/,
    "its certificate is not trusted here: name your company's CA file with --ca-bundle, ROLEGATE_CA_BUNDLE, AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS",
  ],
  [/SSL|TLS|EPROTO/, 'no secure connection: is the address right, and is it https?'],
  [/^HPE_/, 'what answers there does not speak HTTP'],
];

export function networkError(host: string, error: unknown): CliError {
  // Such as that of the proxy on the way.
  if (error instanceof CliError) return error;
  const said = networkReason(error);
  return new CliError('network', `${host} cannot be reached${said.startsWith('(') ? ' ' : ': '}${said}`, {
    cause: error,
  });
}

/** The reason, and the code that the system gives it. */
export function networkReason(error: unknown): string {
  const why = deepestReason(error);
  const said = reasons.find(([pattern]) => pattern.test(why))?.[1];
  return said ? `${said} (${why})` : `(${why})`;
}

/** The code nearest to the cause, else the message. */
function deepestReason(error: unknown): string {
  const { code, name, message, cause, errors } = error as Error & { code?: string; cause?: unknown; errors?: Error[] };
  const inner = cause ?? errors?.[0];
  if (inner instanceof Error) return deepestReason(inner);
  return typeof code === 'string' ? code : name === 'TimeoutError' ? name : message;
}
