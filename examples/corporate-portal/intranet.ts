// The intranet of the sample company: ordinary pages on a separate server that link to the broker. It holds no
// secret of the broker and calls none of its API: only the person's browser talks to the broker.
import express, { type Express } from 'express';

export interface IntranetOptions {
  /** The broker's address, as browsers reach it. */
  readonly brokerUrl: string;
}

/** What a team writes beside its own systems. None of it depends on who reads. */
const systems = [
  {
    name: 'Payments, development',
    links: [
      { name: 'Logs', role: 'payments-dev/Developer', service: 'logs' },
      { name: 'Functions', role: 'payments-dev/Developer', service: 'lambda' },
    ],
  },
  {
    name: 'Payments, production',
    links: [
      // An account alone: developers, auditors and administrators each get their own role.
      { name: 'Dashboards', role: 'payments-prod', service: 'cloudwatch' },
      { name: 'Invoices', role: 'payments-prod/ReadOnly', destination: '/s3/buckets/invoices?prefix=2026/' },
    ],
  },
] as const;

export function createIntranet({ brokerUrl }: IntranetOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({
      'Content-Security-Policy': `default-src 'none'; style-src 'self'; frame-src ${brokerUrl}; base-uri 'none'; frame-ancestors 'none'`,
      // Tells the broker which site a link came from, and no more. Browsers send the same by default.
      'Referrer-Policy': 'strict-origin-when-cross-origin',
      'X-Content-Type-Options': 'nosniff',
    });
    next();
  });
  app.get('/', (_request, response) => {
    response.type('html').send(page(brokerUrl));
  });
  app.get('/intranet.css', (_request, response) => {
    response.type('css').send(css);
  });
  return app;
}

/** A stable link: parameters by name, values encoded, nothing secret. */
export function consoleLink(
  brokerUrl: string,
  { role, service, destination }: { role: string; service?: string; destination?: string },
): string {
  const url = new URL('/console', brokerUrl);
  url.searchParams.set('role', role);
  if (service !== undefined) url.searchParams.set('service', service);
  if (destination !== undefined) url.searchParams.set('destination', destination);
  return url.href;
}

function page(brokerUrl: string): string {
  const lists = systems.map(({ name, links }) => {
    const items = links.map(
      (link) => `<li><a href="${escapeHtml(consoleLink(brokerUrl, link))}">${escapeHtml(link.name)}</a></li>`,
    );
    return `<h2>${escapeHtml(name)}</h2>\n<ul>${items.join('')}</ul>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Intranet</title>
<link rel="stylesheet" href="/intranet.css">
</head>
<body>
<main>
<h1>Our systems</h1>
${lists.join('\n')}
<h2>My AWS</h2>
<p>The broker's own list, in a frame. It is empty until you have signed in there.</p>
<iframe title="My AWS console links" src="${escapeHtml(brokerUrl)}/links/list"></iframe>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const css = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 }
main { max-width: 48rem; margin: 0 auto; padding: 1rem }
iframe { width: 100%; height: 26rem; border: 1px solid #888; border-radius: 8px }
`;
