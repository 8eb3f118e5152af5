// Why no answer came, in words that lead to the remedy.
import { CliError } from './errors.ts';

const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_)/, 'its name is not known here: is the address right, and the VPN or proxy on?'],
  [/^ECONNREFUSED/, 'connection refused'],
  [/^(ECONNRESET|EHOSTUNREACH|ENETUNREACH|UND_ERR_SOCKET)/, 'the connection failed'],
  [/TIMEOUT|^ETIMEDOUT|^TimeoutError/, 'no answer in time: is the VPN or the proxy on?'],
  [/CERT_NOT_YET_VALID|CERT_HAS_EXPIRED/, "its certificate is not valid today: is this machine's clock right?"],
  [/ALTNAME/, 'its certificate is for another name'],
  [
    /CERT|SELF_SIGNED|ISSUER|UNABLE_TO/,
    "its certificate is not trusted here: name your company's CA file with --ca-bundle, AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS",
  ],
  [/SSL|TLS|EPROTO/, 'no secure connection: is the address right, and is it https?'],
  [/Proxy response/, 'the proxy refused the connection'],
];

export function networkError(host: string, error: unknown): CliError {
  const why = deepestReason(error);
  const said = reasons.find(([pattern]) => pattern.test(why))?.[1];
  const message = said ? `${host} cannot be reached: ${said} (${why})` : `${host} cannot be reached (${why})`;
  return new CliError('network', message, { cause: error });
}

/** The code nearest to the cause, else the message. */
function deepestReason(error: unknown): string {
  const { code, name, message, cause, errors } = error as Error & { code?: string; cause?: unknown; errors?: Error[] };
  const inner = cause ?? errors?.[0];
  if (inner instanceof Error) return deepestReason(inner);
  if (/Proxy response/.test(message)) return message;
  return typeof code === 'string' ? code : name === 'TimeoutError' ? name : message;
}
