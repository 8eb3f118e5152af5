// Language and colours: in the user's menu, and in the foot of a page without one.
import { type Html, html } from './html.ts';
import { languages } from './messages/languages.ts';
import type { PageContext } from './page-types.ts';

export function appearanceForm({ text, theme, path }: PageContext): Html {
  const option = (value: string, name: string, isChosen: boolean) =>
    html`<option value="${value}" ${isChosen && html`selected`}>${name}</option>`;
  return html`<form class="appearance" method="post" action="/portal/appearance" aria-label="${text.page.preferences}">
<input type="hidden" name="return_to" value="${path}">
<label>${text.page.languageLabel} <select name="language">
${languages.map((each) => option(each.language, each.languageName, each.language === text.language))}</select></label>
<label>${text.page.themeLabel} <select name="theme">
${Object.entries(text.page.themes).map(([value, name]) => option(value, name, value === theme))}</select></label>
<button class="quiet">${text.page.apply}</button>
</form>`;
}
