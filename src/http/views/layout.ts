// The frame of every page.
import { type Html, html } from '../html.ts';

export interface PageFrame {
  readonly portalName: string;
  /** Whom to ask, in the administrators' words. */
  readonly help: string;
}

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Where the browser goes by itself, at once and without a script. */
  readonly goesTo?: string | undefined;
  readonly person?: { readonly displayName: string; readonly user: string } | undefined;
}

export function renderPage(frame: PageFrame, { title, body, goesTo, person }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${frame.portalName}</title>
<link rel="stylesheet" href="/assets/rolegate.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script src="/assets/rolegate.js" defer></script>
${goesTo !== undefined && html`<meta http-equiv="refresh" content="0; url=${goesTo}">`}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="brand" href="/">${frame.portalName}</a>
${person && signedInAs(person)}
</header>
<main id="main" tabindex="-1">
${body}
</main>
</body>
</html>
`.html;
}

function signedInAs({ displayName, user }: { displayName: string; user: string }): Html {
  return html`<div class="person">
<span>${displayName} <span class="muted">${user}</span></span>
<form method="post" action="/logout"><button class="quiet">Sign out</button></form>
</div>`;
}
