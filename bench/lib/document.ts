// Writes the latest tables and charts into docs/performance.md, between the marks of each subject.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './processes.ts';
import { markdownSection, markdownTable, verdicts } from './report.ts';
import type { Section, Subject } from './subject.ts';
import { svgChart } from './svg-chart.ts';

const chartFolder = 'performance';

/** Replaces the sections of the measured subjects; others stay. @throws Error if a mark is missing */
export function writeDocument(
  machine: string,
  results: readonly { readonly subject: Subject; readonly section: Section }[],
): void {
  const file = join(root, 'docs/performance.md');
  let text = readFileSync(file, 'utf8');
  mkdirSync(join(root, 'docs', chartFolder), { recursive: true });
  for (const { subject, section } of results) {
    const limits = section.figures?.length ? [markdownTable(verdicts(section.figures))] : [];
    const body = [markdownSection(section, chartFolder), ...limits, `Measured on: ${machine}.`].join('\n\n');
    text = replaceBetween(text, subject.name, body);
    for (const chart of section.charts ?? []) {
      writeFileSync(join(root, 'docs', chartFolder, `${chart.name}.svg`), svgChart(chart));
    }
  }
  writeFileSync(file, text);
}

function replaceBetween(text: string, name: string, body: string): string {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no ${start} … ${end}`);
  return `${text.slice(0, from + start.length)}\n\n${body}\n\n${text.slice(to)}`;
}
