// The layout around the content of every page.

import { appearanceForm } from './appearance-form.ts';
import { type Person, pageHeader } from './header.ts';
import { type Html, html } from './html.ts';
import { iconSprite } from './icons.ts';
import type { PageContext } from './page-types.ts';
import { sessionWatch } from './session-watch.ts';

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

export function renderPage(
  context: PageContext,
  { title, body, goesTo, assets, script = assets, person }: Page,
): string {
  const { text, theme, density, portalName } = context;
  return html`<!doctype html>
<html lang="${text.language}" data-theme="${theme}" data-density="${density}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${portalName}</title>
<link rel="stylesheet" href="/assets/rolegate.css">
<link rel="stylesheet" href="/assets/frame.css">
${context.hasColor && html`<link rel="stylesheet" href="/assets/brand.css">`}
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script src="/assets/rolegate.js" type="module"></script>
<script src="/assets/session.js" type="module"></script>
${assets !== undefined && html`<link rel="stylesheet" href="/assets/${assets}.css">`}
${script !== undefined && html`<script src="/assets/${script}.js" type="module"></script>`}
${goesTo !== undefined && html`<meta http-equiv="refresh" content="0; url=${goesTo}">`}
</head>
<body>
${iconSprite}
<a class="skip" href="#main">${text.page.skipToContent}</a>
${pageHeader(context, person)}
${person && sessionWatch(context)}
<main id="main" tabindex="-1">
${body}
</main>
${person === undefined && html`<footer class="foot">${appearanceForm(context)}</footer>`}
</body>
</html>
`.html;
}
