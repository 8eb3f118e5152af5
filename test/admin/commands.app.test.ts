// `template` and `doctor` as they are typed: what goes to stdout, what to stderr, and the exit code.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { addTemplate } from '../../src/admin/commands/template.ts';
import { createWorkplace, env, goodProduction, load, type Workplace } from '../config/support/workplace.ts';
import { endsWithUs } from '../support/children.ts';
import { runCommand } from './support.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  workplace.write('good.yaml', stringify(goodProduction()));
});
afterAll(() => workplace.remove());

const template = (...args: readonly string[]) =>
  runCommand(addTemplate, ['template', ...args], () =>
    load(workplace, { ...goodProduction(), rules: [...(goodProduction()['rules'] as object[]), pattern] }),
  );

const pattern = {
  name: 'by name',
  when: { groupPattern: 'AWS-(?<role>\\w+)' },
  grant: { accounts: ['payments-dev'], role: '{role}' },
};

describe('template', () => {
  test('prints the template alone, and says beside it what it cannot hold', async () => {
    const { stdout, stderr } = await template(
      'terraform',
      '--account',
      'payments-dev',
      '--source-ip',
      '203.0.113.1',
      '2001:db8::/48',
    );
    expect(Object.keys((JSON.parse(stdout) as { resource: object }).resource)).toContain('aws_iam_role');
    expect(stdout).toContain('2001:db8::/48');
    expect(stderr).toMatch(/^note: rule "by name".*\n$/);
  });

  test.each([
    ['an unknown format', ['pulumi'], 'must be cloudformation or terraform'],
    ['an unknown account', ['terraform', '--account', 'nowhere'], 'no account has the id or alias nowhere'],
    ['no address', ['terraform', '--source-ip', 'example.com'], 'example.com is not an address or network'],
    ['no role', ['terraform', '--broker-arn', 'broker'], 'is not the ARN of an IAM role or user'],
    ['an unknown option', ['terraform', '--everything'], '--everything'],
  ])('refuses %s', async (_, args, message) => {
    await expect(template(...args)).rejects.toThrow(message);
  });
});

test('the program knows the doctor: offline it needs no AWS, and ends with 1 where a policy is missing', {
  timeout: 60_000,
}, async () => {
  const server = fileURLToPath(new URL('../../src/server.ts', import.meta.url));
  const args = ['doctor', 'aws', '--trust-policies', workplace.directory, '--config', workplace.path('good.yaml')];
  const child = endsWithUs(
    spawn(process.execPath, ['--import', import.meta.resolve('tsx'), server, ...args], {
      env: { PATH: process.env['PATH'] ?? '', NODE_NO_WARNINGS: '1', ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, stdout]).toEqual([1, expect.stringContaining('MISSING  role Developer: has no file')]);
});
