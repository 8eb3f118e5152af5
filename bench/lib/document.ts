// Writes the latest tables and charts into docs/performance.md, between the marks of a subject.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './processes.ts';
import { markdownSection, markdownTable, verdicts } from './report.ts';
import type { Section, Subject } from './subject.ts';
import { svgChart } from './svg-chart.ts';

const chartFolder = 'performance';

/** Replaces the section of a subject. @throws Error if its marks are missing */
export function writeSection(machine: string, subject: Subject, section: Section): void {
  const file = join(root, 'docs/performance.md');
  const limits = section.figures?.length ? [markdownTable(verdicts(section.figures))] : [];
  const body = [markdownSection(section, chartFolder), ...limits, `Measured on:\n${machine}.`].join('\n\n');
  writeFileSync(file, replaceBetween(readFileSync(file, 'utf8'), subject.name, body));
  mkdirSync(join(root, 'docs', chartFolder), { recursive: true });
  for (const chart of section.charts ?? []) {
    writeFileSync(join(root, 'docs', chartFolder, `${chart.name}.svg`), svgChart(chart));
  }
}

function replaceBetween(text: string, name: string, body: string): string {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no ${start} … ${end}`);
  return `${text.slice(0, from + start.length)}\n\n${body}\n\n${text.slice(to)}`;
}
