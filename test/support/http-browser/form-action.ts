// The `form-action` directive of Content-Security-Policy, which browsers also apply to the redirects after a form POST.

/** Whether a page with this policy header may send a form to (or be redirected after a form POST to) the target. */
export function allowsFormAction(policies: string | undefined, page: URL, target: URL): boolean {
  const directives = (policies ?? '')
    .split(',')
    .map((policy) => policy.split(';').map((directive) => directive.trim().split(/\s+/)))
    .flatMap((policy) => policy.filter(([name]) => name?.toLowerCase() === 'form-action').slice(0, 1));
  return directives.every(([, ...sources]) => sources.some((source) => matches(source, page, target)));
}

function matches(source: string, page: URL, target: URL): boolean {
  if (source === "'self'") return target.origin === page.origin;
  if (source === '*') return target.protocol === page.protocol || target.protocol === 'https:';
  if (/^[a-z][a-z0-9+.-]*:$/i.test(source)) return target.protocol === source.toLowerCase();
  const [, scheme = page.protocol, wildcard, host, port] =
    /^(?:([a-z]+:)\/\/)?(\*\.)?([^/:]+|\[[^\]]+\])(?::(\d+|\*))?/i.exec(source) ?? [];
  if (host === undefined || scheme !== target.protocol) return false;
  const isHost = wildcard ? target.hostname.endsWith(`.${host}`) : target.hostname === host;
  return isHost && (port === '*' || target.port === (port ?? '') || target.origin === `${scheme}//${host}:${port}`);
}
