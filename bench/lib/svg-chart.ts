// Draws a chart as SVG: horizontal bars on a logarithmic scale, because the candidates differ by powers of ten.
import { number } from './report.ts';
import type { Chart } from './subject.ts';

const width = 760;
const barHeight = 16;
const gap = 4;
const labelWidth = 210;
const valueWidth = 80;
const plotWidth = width - labelWidth - valueWidth;

/** The chart as a file's text. Bars named `Rolegate…` stand out. */
export function svgChart({ title, unit, groups }: Chart): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const x = (value: number) => labelWidth + ((Math.log10(value) - low) / (high - low)) * plotWidth;
  const parts: string[] = [];
  let y = 56;
  for (const { label, bars } of groups) {
    parts.push(text(12, y + 12, label, 'font-weight="600"'));
    y += 20;
    for (const bar of bars) {
      const end = Math.max(x(bar.value), labelWidth + 1);
      parts.push(
        text(labelWidth - 8, y + 12, bar.label, 'text-anchor="end"'),
        `<rect x="${labelWidth}" y="${y}" width="${round(end - labelWidth)}" height="${barHeight}" fill="${colour(bar.label)}"/>`,
        text(end + 6, y + 12, `${number(bar.value)} ${unit}`),
      );
      y += barHeight + gap;
    }
    y += 8;
  }
  const height = y + 8;
  const powers = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  const grid = powers.flatMap((power) => [
    `<line x1="${round(x(10 ** power))}" x2="${round(x(10 ** power))}" y1="48" y2="${height - 12}" stroke="#d0d7de"/>`,
    text(x(10 ** power), 44, `${10 ** power} ${unit}`, 'text-anchor="middle" fill="#57606a" font-size="10"'),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(12, 22, `${title} (${unit}, logarithmic)`, 'font-size="14" font-weight="600"'),
    ...grid,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function colour(label: string): string {
  if (label.startsWith('Rolegate')) return '#0969da';
  return /floor|bare|node -e 0/i.test(label) ? '#57ab5a' : '#8c959f';
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${y}" ${attributes}>${escapeText(content)}</text>`;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}

function escapeText(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
