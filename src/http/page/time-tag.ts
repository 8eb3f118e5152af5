// A point in time: in UTC for everyone, in the local zone where scripts run.
import { type Html, html } from './html.ts';

/** With the precision of a day, the script shows the time of today and the date of other days. */
export function timeTag(at: Date, precision: 'day' | 'minutes' | 'seconds' = 'minutes'): Html {
  const iso = at.toISOString();
  const length = precision === 'seconds' ? 19 : 16;
  return html`<time datetime="${iso}"${precision === 'day' && html` data-precision="day"`}>${iso.slice(0, length).replace('T', ' ')} UTC</time>`;
}
