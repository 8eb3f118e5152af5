// A point in time: in UTC for everyone, in the local zone where scripts run.
import { type Html, html } from './html.ts';

export function timeTag(at: Date, precision: 'minutes' | 'seconds' = 'minutes'): Html {
  const iso = at.toISOString();
  const length = precision === 'minutes' ? 16 : 19;
  return html`<time datetime="${iso}">${iso.slice(0, length).replace('T', ' ')} UTC</time>`;
}
