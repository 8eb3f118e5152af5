// From measurements to tables, bars and notes.
import { isNoisy, type Measured, median, quartiles, ratio } from './rounds.ts';
import type { Chart, Figure, Section, Table } from './subject.ts';

/** All candidates at one size; the first is the floor. */
export interface Column {
  readonly label: string;
  readonly measured: readonly Measured[];
}

/**
 * One row per candidate: median with quartiles, the ratio to the floor (the first candidate), and the ratio of `own` to
 * each other candidate, which says how many times its cost we have.
 */
export function cpuTable(columns: readonly Column[], { unit, own }: { unit: string; own: string }): Table {
  const head = columns.flatMap(({ label }) => [`${label}, ${unit}`, '× floor', `${own} ÷ this`]);
  const names = [...new Set(columns.flatMap(({ measured }) => measured.map(({ name }) => name)))];
  return {
    head: ['CPU, median (quartiles)', ...head],
    rows: names.map((name) => [
      name === own ? `**${name}**` : name,
      ...columns.flatMap((column) => {
        const measured = column.measured.find((each) => each.name === name);
        if (!measured) return ['–', '–', '–'];
        const floor = column.measured[0]!.name;
        const against = name === own ? '' : times(ratioOf(column, own, name));
        return [spread(measured), times(ratioOf(column, name, floor)), against];
      }),
    ]),
  };
}

/** The median of `name` ÷ `base` inside each round. @throws Error if one was not measured */
export function ratioOf({ label, measured }: Column, name: string, base: string): number {
  const find = (wanted: string) => {
    const found = measured.find((each) => each.name === wanted);
    if (!found) throw new Error(`${wanted} was not measured at ${label}`);
    return found;
  };
  return ratio(find(name), find(base));
}

export function chartOf(name: string, title: string, unit: string, columns: readonly Column[]): Chart {
  const groups = columns.map(({ label, measured }) => ({
    label,
    bars: measured.map((each) => ({ label: each.name, value: median(each.values) })),
  }));
  return { name, title, unit, groups };
}

/** A sentence for each floor that moved too much during the run. */
export function noiseNotes(columns: readonly Column[]): string[] {
  return columns
    .filter(({ measured }) => isNoisy(measured[0]!))
    .map(({ label, measured }) => `Noisy: ${measured[0]!.name} at ${label} moved by more than 25 %. Run again.`);
}

/** Median with quartiles. */
export function spread({ values }: Measured): string {
  const [low, high] = quartiles(values);
  return `${number(median(values))} (${number(low)}–${number(high)})`;
}

export function times(value: number): string {
  return `${number(value)}×`;
}

/** Three significant digits. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 5));
}

export function markdownTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export function meets({ value, limit, atLeast }: Figure): boolean {
  return atLeast ? value >= limit : value <= limit;
}

/** Every figure that has a limit, with its verdict. */
export function verdicts(figures: readonly Figure[]): Table {
  return {
    head: ['Figure', 'Measured', 'Limit', 'Verdict'],
    rows: figures.map((figure) => [
      figure.name,
      `${number(figure.value)}${figure.unit ?? '×'}`,
      `${figure.atLeast ? '≥' : '≤'} ${figure.limit}${figure.unit ?? '×'}`,
      meets(figure) ? 'met' : '**missed**',
    ]),
  };
}

/** A section as Markdown; `chartFolder` undefined leaves the charts out. */
export function markdownSection(section: Section, chartFolder?: string): string {
  const charts = chartFolder === undefined ? [] : (section.charts ?? []);
  return [
    ...section.tables.map(markdownTable),
    ...(section.notes ?? []),
    ...charts.map(({ name, title }) => `![${title}](${chartFolder}/${name}.svg)`),
  ].join('\n\n');
}
