// The one table of all pages. In a narrow window each row becomes a block and each cell shows the name of its column.
import { type Html, html } from './html.ts';

export type Cell = Html | string | number;

/** With roles: a browser forgets that it is a table when its rows become blocks. */
export function dataTable(caption: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<table class="data" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (cells) => html`<tr role="row">${cells.map(
      (cell, index) => html`<td role="cell" data-label="${columns[index]}"><div>${cell}</div></td>`,
    )}</tr>
`,
  )}</tbody></table>`;
}
