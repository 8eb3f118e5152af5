// The page that shows every component in every state, in development only: where looks are changed and judged.
import { Router } from 'express';
import type { Services } from '../context.ts';
import { barChart } from '../page/bar-chart.ts';
import { problemLine, summary } from '../page/controls.ts';
import { dataTable } from '../page/data-table.ts';
import { type Html, html } from '../page/html.ts';
import { icons } from '../page/icons.ts';
import { renderPage } from '../page/layout.ts';
import { buttonTo, linkTo } from '../page/notice-page.ts';
import { timeTag } from '../page/time-tag.ts';
import { type Span, timeline } from '../page/timeline.ts';
import { portalComponents } from './portal-components.ts';

export function componentsRoutes({ pageContext, clock }: Services): Router {
  return Router().get('/development/components', (request, response) => {
    const now = clock.now();
    const context = pageContext(request);
    const sections = [...controls(), ...portalComponents(context.text, now), ...content(now), ...pictures(now)];
    // Their own pages load these style sheets.
    const styles = ['portal', 'credentials'].map((name) => html`<link rel="stylesheet" href="/assets/${name}.css">`);
    const body = html`${styles}<h1>Components</h1>
${sections.map(([name, sample]) => html`<section><h2 class="plain">${name}</h2>${sample}</section>`)}`;
    const person = { displayName: 'Sample Person', user: 'person@corp.example' };
    response.type('html').send(renderPage(context, { title: 'Components', person, body }));
  });
}

type Section = readonly [name: string, sample: Html];

function controls(): Section[] {
  return [
    [
      'Buttons and links',
      html`<p class="actions"><button>Main action</button><button class="quiet">Other action</button>
<button disabled>Disabled</button>${buttonTo('#main', 'Link as a button')}${linkTo('#main', 'Link')}</p>`,
    ],
    [
      'Form',
      html`<form class="search-form"><label>Text <input name="text" value="A value"></label>
<label>Empty <input name="empty"></label><label>Required <input name="required" required></label>
<label>Choice <select name="choice"><option>First</option><option>Second</option></select></label>
<label class="wide">Lines <textarea name="lines" rows="2">Several
lines</textarea></label><label>Checked <input type="checkbox" checked></label><button>Submit</button></form>`,
    ],
    [
      'Form error',
      html`<form class="fields"><div class="field"><label for="wrong">Field</label><p id="wrong-why">${problemLine('The problem, and what to enter.')}</p>
<input id="wrong" value="A wrong value" aria-invalid="true" aria-describedby="wrong-why"></div></form>
<div class="message problem"><p>${icons.warning} What failed, and what to do.</p></div>`,
    ],
    [
      'Focus',
      html`<p class="actions"><button class="focused">Button</button><button class="quiet focused">Other button</button>
<a class="focused" href="#main">Link</a></p>
<div class="field"><label for="focus">Field</label><input class="focused" id="focus" value="A value"></div>
<details><summary class="focused">${icons.chevron}Menu</summary><p>Content</p></details>`,
    ],
    [
      'Menu',
      html`<details>${summary('Closed')}<p>Content</p></details><details open>${summary('Open')}<p>Content</p></details>`,
    ],
  ];
}

function content(now: Date): Section[] {
  return [
    [
      'Tags',
      html`<p><span class="tag plain">Neutral</span> <span class="tag">Attention</span> <span class="tag danger">Problem</span>
<span class="env">Production</span></p>`,
    ],
    [
      'Notice',
      html`<section class="notice"><h3>A title</h3><p>What happened and what to do next.</p>
<p class="actions">${buttonTo('#main', 'Next step')}${linkTo('#main', 'Another way')}</p></section>
<p>${problemLine('A problem in one line')}</p><p class="muted">A remark</p>
<aside class="announcement" aria-label="Sample">${icons.info}<p>An announcement</p><button class="bare" aria-label="Dismiss">${icons.cross}</button></aside>`,
    ],
    ['Facts', html`<dl class="facts"><dt>Name</dt><dd>Value</dd><dt>Time</dt><dd>${timeTag(now)}</dd></dl>`],
    [
      'Table',
      dataTable(
        'A table',
        ['Name', 'Count', 'Code'],
        [
          ['First', 12, html`<code>arn:aws:iam::111122223333:role/Developer</code>`],
          ['Second', 0, html`<span class="tag plain">None</span>`],
        ],
      ),
    ],
    ['Empty table', dataTable('A table without rows', ['Name', 'Count'], [])],
    ['Code', html`<pre tabindex="0">aws sts get-caller-identity</pre>`],
  ];
}

function pictures(now: Date): Section[] {
  const dayMs = 86_400_000;
  const at = (days: number) => new Date(now.getTime() + days * dayMs);
  const bars = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      date: at(index - count)
        .toISOString()
        .slice(0, 10),
      value: (index * 7) % 11,
    }));
  const spans: Span[] = [
    { name: 'Expired', startsAt: at(-400), endsAt: at(-2), remark: 'expired', tone: 'danger' },
    { name: 'Expires soon', startsAt: at(-300), endsAt: at(12), remark: '12 days left', tone: 'warn' },
    { name: 'Valid', startsAt: at(-10), endsAt: at(900), remark: '900 days left', tone: 'plain' },
    { name: 'Without dates', startsAt: undefined, endsAt: undefined, remark: 'no end', tone: 'plain' },
  ];
  const columns = ['What', 'Starts', 'Ends', 'Remaining'] as const;
  return [
    [
      'Charts',
      html`<div class="charts">${barChart('Seven days', 'Seven days, most 10', bars(7))}${barChart('Thirty days', 'Thirty days, most 10', bars(30))}${barChart(
        'Nothing',
        'Nothing',
        bars(7).map((bar) => ({ ...bar, value: 0 })),
      )}</div>`,
    ],
    ['Timeline', timeline({ caption: 'A timeline', columns }, spans, now)],
    // It lies over what comes next.
    ['Dialog', html`<dialog open aria-label="Sample dialog"><p>Leave this page?</p><button>Continue</button></dialog>`],
  ];
}
