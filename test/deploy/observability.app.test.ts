// The alert rules and the dashboard: Prometheus takes every expression, and every metric in them exists in a running broker.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import supertest from 'supertest';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { useApp } from '../http/support/app.ts';
import { promtoolPath } from '../support/parts/parts.ts';

const start = useApp();
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
interface Cases {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly object[] }[];
  }[];
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
const alerts = (parse(read('deploy/prometheus/alerts.yaml')) as Rules).groups.flatMap(({ rules }) => rules);
const { panels } = JSON.parse(read('deploy/grafana/rolegate.json')) as Dashboard;
const expressions = [...alerts, ...panels.flatMap(({ targets }) => targets)].map(({ expr }) => expr);

const directory = mkdtempSync(join(tmpdir(), 'rolegate-rules-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function promtool(...words: string[]): string {
  return execFileSync(promtoolPath(), words, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** As Grafana asks for it. */
function checkExpressions(asked: readonly string[]): string {
  const rules = asked.map((expr, index) => ({
    record: `panel:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }));
  writeFileSync(join(directory, 'panels.yaml'), stringify({ groups: [{ name: 'panels', rules }] }));
  return promtool('check', 'rules', 'panels.yaml');
}

describe('promtool', () => {
  test('takes the alert rules', () => {
    expect(promtool('check', 'rules', path('deploy/prometheus/alerts.yaml'))).toContain(`${alerts.length} rules found`);
  });

  test('takes the expressions of the dashboard, and not a broken one', () => {
    const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(checkExpressions(asked)).toContain(`${asked.length} rules found`);
    expect(() => checkExpressions(['sum(rate(rolegate_events_total[$__rate_interval])'])).toThrow(/panels.yaml/);
  });

  test('sees the alerts fire where they should, and not where they should not', () => {
    copyFileSync(path('deploy/prometheus/alerts.yaml'), join(directory, 'alerts.yaml'));
    copyFileSync(path('test/deploy/alert-cases.yaml'), join(directory, 'cases.yaml'));
    expect(promtool('test', 'rules', 'cases.yaml')).toContain('SUCCESS');
    const cases = parse(read('test/deploy/alert-cases.yaml')) as Cases;
    const judged = cases.tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const named = (isFiring: boolean) =>
      new Set(judged.filter(({ exp_alerts }) => exp_alerts.length > 0 === isFiring).map(({ alertname }) => alertname));
    const all = new Set(alerts.map(({ alert }) => alert));
    expect([named(true), named(false)]).toEqual([all, all]);
  });
});

test('every metric of the rules and the dashboard exists, and docs/operations.md explains each of Rolegate', async () => {
  const { broker } = await start();
  const { text } = await supertest(broker.operations).get('/metrics');
  const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name!, type!]));
  const named = expressions.flatMap((expr) => expr.match(/\b(rolegate|nodejs|process)_\w+/g) ?? []);
  const isKnown = (name: string) =>
    types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram';
  expect(new Set(named).size).toBeGreaterThan(12);
  expect(named.filter((name) => !isKnown(name))).toEqual([]);
  const page = read('docs/operations.md');
  const own = [...types.keys()].filter((name) => name.startsWith('rolegate_'));
  expect(own.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  expect(alerts.filter(({ alert }) => !page.includes(`\`${alert}\``))).toEqual([]);
});
