// The frame of every page.
import type { Theme } from '../frame.ts';
import { type Html, html } from '../html.ts';
import type { Messages } from '../messages/en.ts';
import { languages } from '../messages/languages.ts';

export interface PageFrame {
  readonly portalName: string;
  /** Whom to ask, in the administrators' words. */
  readonly help: string;
  readonly text: Messages;
  readonly theme: Theme;
  /** Where the reader is: the way back after changing language or colours. */
  readonly path: string;
}

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Where the browser goes by itself, at once and without a script. */
  readonly goesTo?: string | undefined;
  readonly person?: { readonly displayName: string; readonly user: string } | undefined;
}

export function renderPage(frame: PageFrame, { title, body, goesTo, person }: Page): string {
  const { text, theme, portalName } = frame;
  return html`<!doctype html>
<html lang="${text.language}" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${portalName}</title>
<link rel="stylesheet" href="/assets/rolegate.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script src="/assets/rolegate.js" defer></script>
${goesTo !== undefined && html`<meta http-equiv="refresh" content="0; url=${goesTo}">`}
</head>
<body>
<a class="skip" href="#main">${text.skipToContent}</a>
<header class="top">
<a class="brand" href="/">${portalName}</a>
${person && signedInAs(person, text)}
</header>
<main id="main" tabindex="-1">
${body}
</main>
${appearance(frame)}
</body>
</html>
`.html;
}

function signedInAs({ displayName, user }: { displayName: string; user: string }, text: Messages): Html {
  return html`<div class="person">
<span>${displayName} <span class="muted">${user}</span></span>
<form method="post" action="/logout"><button class="quiet">${text.signOut}</button></form>
</div>`;
}

function appearance({ text, theme, path }: PageFrame): Html {
  const option = (value: string, name: string, isChosen: boolean) =>
    html`<option value="${value}" ${isChosen && html`selected`}>${name}</option>`;
  return html`<footer class="foot">
<form method="post" action="/portal/appearance" aria-label="${text.preferences}">
<input type="hidden" name="return_to" value="${path}">
<label>${text.languageLabel} <select name="language">
${languages.map((each) => option(each.language, each.languageName, each.language === text.language))}</select></label>
<label>${text.themeLabel} <select name="theme">
${Object.entries(text.themes).map(([value, name]) => option(value, name, value === theme))}</select></label>
<button class="quiet">${text.apply}</button>
</form>
</footer>`;
}
