// Headers that tell the browser what our pages may do: nothing inline, nothing sent on, and framed
// only by the sites that the configuration names.
import type { Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { Partition } from '../../aws/partitions.ts';
import type { Config } from '../../config/config.ts';

export function securityHeaders(config: Config, partition: Partition): RequestHandler {
  return setAll(answerHeaders(config, partition));
}

/** Those of every answer. */
export function answerHeaders(config: Config, partition: Partition): Header[] {
  const headers = documentHeaders(config, partition, config.portal.embedders);
  headers.push(['Cache-Control', 'no-store'], ['Permissions-Policy', 'camera=(), geolocation=(), microphone=()']);
  return headers;
}

/** For a page that not even an embedder of the portal may frame (RFC 9700 §4.16). Comes after securityHeaders. */
export function neverFramed(config: Config, partition: Partition): RequestHandler {
  return setAll(documentHeaders(config, partition, []));
}

/**
 * For a page whose form goes to an identity provider. Browsers hold the redirects after a form to form-action as well, and
 * where the identity provider redirects to is not known.
 */
export function letFormsLeave(response: Response, action: string): void {
  const schemes = action.startsWith('https:') ? 'https:' : 'https: http:';
  const policy = response.get('Content-Security-Policy') ?? '';
  response.set('Content-Security-Policy', policy.replace(/form-action [^;]*/, `form-action ${schemes}`));
}

type Header = readonly [name: string, value: string];

function setAll(headers: readonly Header[]): RequestHandler {
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

function documentHeaders(config: Config, partition: Partition, embedders: readonly string[]): Header[] {
  const isHttps = config.baseUrl.startsWith('https:');
  const hosts = [partition.signinHost, partition.consoleHost];
  const consoleOrigins = hosts.flatMap((host) => [`https://${host}`, `https://*.${host}`]);
  const { signin } = config.aws.endpoints;
  if (signin !== undefined) consoleOrigins.push(new URL(signin).origin);
  return headersOf(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'none'"],
          'script-src': ["'self'"],
          'style-src': ["'self'"],
          'img-src': ["'self'"],
          'connect-src': ["'self'"],
          'base-uri': ["'none'"],
          // None of our scripts turns text into HTML or code.
          'require-trusted-types-for': ["'script'"],
          'trusted-types': ["'none'"],
          'frame-ancestors': embedders.length > 0 ? [...embedders] : ["'none'"],
          // Browsers hold the redirects after a form to this list too: the console button ends at AWS.
          'form-action': ["'self'", ...consoleOrigins],
        },
      },
      // With no-referrer browsers send `Origin: null` from our own forms, and the origin check would refuse them.
      referrerPolicy: { policy: 'same-origin' },
      strictTransportSecurity: isHttps ? { maxAge: 31_536_000, includeSubDomains: false } : false,
      // It knows no list of origins, and browsers that read both would still have to choose.
      xFrameOptions: embedders.length > 0 ? false : { action: 'deny' },
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      crossOriginResourcePolicy: { policy: 'same-origin' },
      originAgentCluster: true,
    }),
  );
}

/** Helmet works out the same headers for every answer: it is asked once. */
function headersOf(middleware: RequestHandler): Header[] {
  const headers: Header[] = [];
  const response = { setHeader: (...header: Header) => headers.push(header), removeHeader: () => {} };
  middleware({} as Request, response as unknown as Response, (error: unknown) => {
    if (error) throw error;
  });
  return headers;
}
