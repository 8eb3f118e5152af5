// The OpenAPI document, linted by an independent tool.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/wire/openapi.ts';

const run = promisify(execFile);
const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json');
const linter = join(dirname(manifest), 'bin/cli.js');
const directory = mkdtempSync(join(tmpdir(), 'rolegate-openapi-'));
// Its own configuration: one of the directory above cannot soften it.
const rules = join(directory, 'redocly.yaml');
writeFileSync(rules, 'extends: [recommended-strict]\n');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Finding {
  readonly ruleId: string;
  readonly severity: string;
  readonly message: string;
}

async function findings(document: object): Promise<string[]> {
  const file = join(directory, 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const args = [linter, 'lint', file, '--config', rules, '--format', 'json'];
  const { stdout } = await run(process.execPath, args, { cwd: directory, env }).catch(
    // Findings end it with 1.
    (error: { stdout: string }) => error,
  );
  const report: { problems: Finding[] } = JSON.parse(stdout.slice(stdout.indexOf('{')));
  return report.problems.map(({ ruleId, severity, message }) => `${severity} ${ruleId}: ${message}`);
}

describe('the OpenAPI document', () => {
  const document = openApiDocument('https://rolegate.corp.example');

  test('has no finding at the strictest of the linter’s own rule sets', async () => {
    expect(await findings(document)).toEqual([]);
  });

  test('is checked by something that would find them', async () => {
    const { '/api/v1/me': me, ...others } = document.paths;
    const twice = { ...me.get, operationId: 'listRoles', responses: { ...me.get.responses, 200: {} } };
    const found = await findings({ ...document, paths: { ...others, '/api/v1/me': { get: twice } } });
    expect(found.join('\n')).toMatch(/operation-operationId-unique/);
    expect(found.join('\n')).toMatch(/`?description`?/);
  });
});
