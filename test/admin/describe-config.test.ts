import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeConfig } from '../../src/admin/describe-config.ts';
import { createWorkplace, goodProduction, load, now, type Workplace } from '../config/support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

test('a good configuration is a few lines', async () => {
  const text = describeConfig('rolegate.yaml', await load(workplace, goodProduction()), now);
  expect(text.split('\n').slice(0, 4)).toEqual([
    'rolegate.yaml: good',
    '  production at https://broker.example, store redis',
    '  identity providers: adfs',
    '  2 accounts, 1 rules',
  ]);
  expect(text).not.toContain('relaxed');
});

test('every relaxed rule of development is a line', async () => {
  const raw = { ...goodProduction(), mode: 'development', store: { type: 'memory' }, baseUrl: 'http://127.0.0.1:8080' };
  const config = await load(workplace, raw);
  const lines = describeConfig('rolegate.yaml', config, now).split('\n');
  expect(lines.filter((line) => line.startsWith('  relaxed in development: '))).toHaveLength(config.warnings.length);
  expect(config.warnings.length).toBeGreaterThanOrEqual(2);
});

test('no secret is among them', async () => {
  const config = await load(workplace, goodProduction());
  expect(describeConfig('rolegate.yaml', config, now)).not.toContain(config.session.secrets[0]);
});
