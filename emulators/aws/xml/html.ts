// The frame of every page the emulator shows: plain, without scripts, plainly labelled as an emulator.
import { createHash } from 'node:crypto';
import type { Reply } from '../reply.ts';
import { escapeXml } from './xml.ts';

/** Text made safe for HTML content and quoted attributes. */
export const escapeHtml = escapeXml;

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #b85c00; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
.banner { background: #232f3e; color: #fff; padding: .75rem 1.25rem; }
.banner strong { color: #ffb454; }
main { max-width: 46rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.5rem; border-top: 1px solid var(--line);
  border-bottom: 1px solid var(--line); padding: 1rem 0; margin: 0 0 1.5rem; }
dt { opacity: .8; } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
fieldset { border: 1px solid var(--line); border-radius: 6px; margin: 0 0 1rem; padding: .75rem 1rem; }
label { display: block; padding: .25rem 0; }
button { font: inherit; padding: .5rem 1.25rem; border: 0; border-radius: 6px; background: #232f3e; color: #fff; cursor: pointer; }
.links { display: flex; gap: 1.5rem; flex-wrap: wrap; } code { overflow-wrap: anywhere; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** One HTML answer. `main` is HTML; everything variable in it has gone through escapeHtml. */
export function htmlPage(status: number, title: string, main: string): Reply {
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - AWS emulator</title>
<style>${STYLE}</style>
</head>
<body>
<header class="banner"><strong>AWS emulator</strong> for tests and demonstrations. This is not Amazon Web Services.</header>
<main>
<h1>${escapeHtml(title)}</h1>
${main}
</main>
</body>
</html>
`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
  };
  return { status, headers, body };
}

/** A page with one sentence. */
export function messagePage(status: number, title: string, message: string): Reply {
  return htmlPage(status, title, `<p>${escapeHtml(message)}</p>`);
}

/** A redirect that sends no Referer. */
export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status: 302,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers },
    body: '',
  };
}
