// The Terraform module: parsed and formatted by HashiCorp's HCL library, complete in itself, and its container able to
// write the files that the broker reads.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from '@cdktn/hcl-tools';
import { parse } from '@cdktn/hcl2json';
import { beforeAll, describe, expect, test } from 'vitest';
import { createEmptyWorkplace } from '../config/support/workplace.ts';

const FOLDER = fileURLToPath(new URL('../../deploy/terraform/ecs', import.meta.url));
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.tf'));
const sources = names.map((name) => readFileSync(join(FOLDER, name), 'utf8'));
const all = sources.join('\n');

type Block = Record<string, Record<string, Record<string, unknown>[]>>;
const blocks: Record<string, Block> = {};
beforeAll(async () => {
  for (const [index, name] of names.entries()) {
    const file: Record<string, Block> = await parse(name, sources[index]!);
    for (const [kind, entries] of Object.entries(file))
      blocks[kind] = { ...blocks[kind], ...merge(blocks[kind], entries) };
  }
});

/** Resources of one type come from several files. */
function merge(known: Block | undefined, added: Block): Block {
  return Object.fromEntries(Object.entries(added).map(([type, found]) => [type, { ...known?.[type], ...found }]));
}

describe('deploy/terraform/ecs', () => {
  test.each(names.map((name, index) => [name, sources[index]!]))('%s is formatted', async (_, source) => {
    expect(await format(source)).toBe(source);
  });

  test('declares each variable that it uses, and uses each that it declares', () => {
    const used = new Set([...all.matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(blocks['variable']!).sort());
  });

  test('refers to resources and data that are there', () => {
    const uses = [...all.matchAll(/\b(data\.)?(aws_\w+)\.(\w+)\./g)];
    expect(uses.length).toBeGreaterThan(20);
    const missing = uses.filter(([, data, type, name]) => !blocks[data ? 'data' : 'resource']?.[type!]?.[name!]);
    expect(missing.map(([text]) => text)).toEqual([]);
  });

  test('refers to locals that are there', () => {
    const declared = [...all.matchAll(/^ {2}(\w+)\s+= /gm)].map(([, name]) => name);
    for (const [, name] of all.matchAll(/\blocal\.(\w+)/g)) expect(declared).toContain(name);
  });

  test('has one way to the brokers: through the balancer', () => {
    const rules = blocks['resource']!['aws_vpc_security_group_ingress_rule']!;
    const toBroker = Object.entries(rules as unknown as Record<string, Record<string, string>[]>)
      .filter(([, [rule]]) => rule!['security_group_id']!.includes('.broker.'))
      .map(([name, [rule]]) => [name, rule!['referenced_security_group_id']]);
    expect(toBroker).toEqual([['balancer_to_broker', ['$', '{aws_security_group.balancer.id}'].join('')]]);
  });

  test('runs the broker as in the image: by number, without capabilities, on a read-only root', () => {
    const broker = /name += "broker"\n[\s\S]*$/.exec(all)?.[0] ?? '';
    expect(broker).toMatch(/user += "1000:1000"/);
    expect(broker).toMatch(/drop = \["ALL"\]/);
    expect(all.match(/readonlyRootFilesystem = true/g)).toHaveLength(2);
    expect(all).not.toMatch(/access_logs/);
  });
});

test('the first container writes configuration and secrets where the broker looks, readable by its group alone', () => {
  const script = /<<-EOT\n([\s\S]*?)\n +EOT/.exec(all)?.[1] ?? '';
  const workplace = createEmptyWorkplace();
  const here = script
    .replace('/etc/rolegate/', `${workplace.directory}/`)
    .replace('0, 1000', `${process.getuid?.()}, ${process.getgid?.()}`);
  const PATHS = JSON.stringify({ FILE_KEYS_AWS_KEY: 'keys/aws.key', FILE_SECRETS_SESSION: 'secrets/session' });
  const env = { CONFIGURATION: 'baseUrl: x\n', PATHS, FILE_KEYS_AWS_KEY: 'a key', FILE_SECRETS_SESSION: 'a secret' };
  try {
    execFileSync(process.execPath, ['-e', here], { env, stdio: 'pipe' });
    const written = ['config/rolegate.yaml', 'keys/aws.key', 'secrets/session'].map((name) => workplace.path(name));
    expect(written.map((file) => readFileSync(file, 'utf8'))).toEqual(['baseUrl: x\n', 'a key', 'a secret']);
    expect(written.map((file) => statSync(file).mode & 0o777)).toEqual([0o440, 0o440, 0o440]);
  } finally {
    workplace.remove();
  }
});
