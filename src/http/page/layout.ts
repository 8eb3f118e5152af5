// The frame of every page.

import { type Person, pageHeader } from './header.ts';
import { type Html, html } from './html.ts';
import { languages } from './messages/languages.ts';
import type { PageFrame } from './page-types.ts';
import { sessionEnd, sessionWatch } from './session-watch.ts';

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Where the browser goes by itself, at once and without a script. */
  readonly goesTo?: string | undefined;
  /** `x` loads /assets/x.css and /assets/x.js besides those of every page. */
  readonly assets?: string | undefined;
  /** In place of the script of that name. */
  readonly script?: string | undefined;
  readonly person?: Person | undefined;
}

export function renderPage(frame: PageFrame, { title, body, goesTo, assets, script = assets, person }: Page): string {
  const { text, theme, portalName } = frame;
  return html`<!doctype html>
<html lang="${text.language}" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${portalName}</title>
<link rel="stylesheet" href="/assets/rolegate.css">
<link rel="stylesheet" href="/assets/frame.css">
${frame.hasColor && html`<link rel="stylesheet" href="/assets/brand.css">`}
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script src="/assets/rolegate.js" defer></script>
<script src="/assets/session.js" type="module"></script>
${assets !== undefined && html`<link rel="stylesheet" href="/assets/${assets}.css"><script src="/assets/${script}.js" type="module"></script>`}
${goesTo !== undefined && html`<meta http-equiv="refresh" content="0; url=${goesTo}">`}
</head>
<body>
<a class="skip" href="#main">${text.skipToContent}</a>
${pageHeader(frame, person)}
${person && sessionWatch(frame)}
<main id="main" tabindex="-1">
${body}
</main>
${appearance(frame, person && html`${sessionEnd(frame)}<p><a href="/command-line">${text.oauth.listTitle}</a></p>`)}
</body>
</html>
`.html;
}

function appearance({ text, theme, path }: PageFrame, sessionEnds: Html | undefined): Html {
  const option = (value: string, name: string, isChosen: boolean) =>
    html`<option value="${value}" ${isChosen && html`selected`}>${name}</option>`;
  return html`<footer class="foot">
${sessionEnds}
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
