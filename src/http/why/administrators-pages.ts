// The links between the administrators' pages.
import { type Html, html } from '../page/html.ts';
import type { PageContext } from '../page/page-types.ts';

export function administratorsPages({ text: { why, sessions, activity, administration }, path }: PageContext): Html {
  const link = (href: string, name: string) =>
    html`<a href="${href}"${path === href && html` aria-current="page"`}>${name}</a>`;
  return html`<nav class="links" aria-label="${why.adminLink}">
${link('/admin/explain', why.adminExplain)}
${link('/admin/refusals', why.adminRefusals)}
${link('/admin/sessions', sessions.title)}
${link('/admin/activity', activity.title)}
${link('/admin/keys', administration.keysTitle)}
${link('/admin/configuration', administration.configuration)}
</nav>`;
}
