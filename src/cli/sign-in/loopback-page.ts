// The last page of a sign-in on the command line. Nothing in it comes from a request.
import { createHash } from 'node:crypto';

export const closingPath = '/done';

const style = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto 0;padding:0 1rem}
@media(prefers-color-scheme:dark){body{background:#16181d;color:#e8eaed}}`;

/** `connection: close`: a browser's open connection would keep the command alive. */
export const pageHeaders = {
  connection: 'close',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'content-type': 'text/plain; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

export function closingPage(isSignedIn: boolean): string {
  const [title, text] = isSignedIn
    ? ['Signed in', 'The command line is signed in. You can close this page.']
    : [
        'Not signed in',
        'The command line is not signed in; the terminal says why. You can close this page. If you did not start this sign-in, tell your administrators.',
      ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · Rolegate</title>
<style>${style}</style>
<main>
<h1>${title}</h1>
<p>${text}</p>
</main>
</html>
`;
}
