import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { runAwsCli } from '../aws-cli.ts';
import {
  awsCliPath,
  chromiumPath,
  keycloak,
  phpPath,
  pysaml2Python,
  redisServer,
  samlSchemasFolder,
  simpleSamlPhpFolder,
  xmllintPath,
  xmlsec1Path,
} from './parts.ts';

const SCRIPT = fileURLToPath(new URL('./ensure-parts.mjs', import.meta.url));
const NOWHERE = '/nonexistent/program';

let emptyFolder: string | undefined;
afterEach(async () => {
  if (emptyFolder) await rm(emptyFolder, { recursive: true });
  emptyFolder = undefined;
});

function ensureParts(env: Record<string, string>): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('ensure-parts', () => {
  test('is silent when everything is there', async () => {
    const { PATH = '' } = process.env;
    expect(await ensureParts({ PATH, TEST_REDIS_URL: 'redis://127.0.0.1:1' })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('names the one command when something is missing and nothing can install it', async () => {
    emptyFolder = await mkdtemp(join(tmpdir(), 'rolegate-path-'));
    const outcome = await ensureParts({ PATH: emptyFolder, XMLSEC1_PATH: NOWHERE, CHROMIUM_PATH: process.execPath });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/XMLSEC1_PATH=\/nonexistent\/program is not an executable file/);
    expect(outcome.stderr).toMatch(/^ {2}(sudo|brew) .*xmlsec1/m);
    expect(outcome.stderr).not.toMatch(/chrom/);
    expect(await readdir(emptyFolder)).toEqual([]);
  });

  test('takes a file that cannot be run for no part at all', async () => {
    emptyFolder = await mkdtemp(join(tmpdir(), 'rolegate-path-'));
    await writeFile(join(emptyFolder, 'aws'), '#!/bin/sh\n', { mode: 0o644 });
    const outcome = await ensureParts({ PATH: emptyFolder, TEST_REDIS_URL: 'redis://127.0.0.1:1' });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/aws/);
  });
});

describe('parts', () => {
  test('are all found here', () => {
    const programs = [redisServer().path, xmlsec1Path(), chromiumPath(), awsCliPath()];
    const interop = [phpPath(), simpleSamlPhpFolder(), pysaml2Python(), xmllintPath(), samlSchemasFolder()];
    const { java, folder } = keycloak();
    for (const path of [...programs, ...interop, java, folder]) expect(path).toMatch(/^\//);
  });

  test('a folder without the files it should hold is not found', () => {
    process.env['SAML_SCHEMAS_DIR'] = tmpdir();
    try {
      expect(() => samlSchemasFolder()).toThrow(/saml-schemas is missing. Install it with: .*opensaml-schemas|curl/);
    } finally {
      delete process.env['SAML_SCHEMAS_DIR'];
    }
  });

  test('what no package manager has names the command that fetches it', () => {
    process.env['KEYCLOAK_DIR'] = tmpdir();
    try {
      expect(() => keycloak()).toThrow('keycloak is missing. Install it with: npm run pretest');
    } finally {
      delete process.env['KEYCLOAK_DIR'];
    }
  });

  test('a program without what makes it useful is not found', () => {
    process.env['PYSAML2_PYTHON'] = process.execPath;
    try {
      expect(() => pysaml2Python()).toThrow(/pysaml2 is missing. Install it with: .*pysaml2/);
    } finally {
      delete process.env['PYSAML2_PYTHON'];
    }
  });

  test('a missing one names the command that installs it', () => {
    process.env['XMLSEC1_PATH'] = NOWHERE;
    try {
      expect(() => xmlsec1Path()).toThrow(/xmlsec1 is missing. Install it with: .*xmlsec1/);
    } finally {
      delete process.env['XMLSEC1_PATH'];
    }
  });
});

describe('runAwsCli', () => {
  test('runs without a configuration file', async () => {
    const version = await runAwsCli(['--version']);
    expect(version.code).toBe(0);
    expect(version.stdout + version.stderr).toMatch(/aws-cli\/[12]\./);
    const identity = await runAwsCli(['sts', 'get-caller-identity', '--region', 'eu-west-1']);
    expect(identity.code).not.toBe(0);
    expect(identity.stderr).toMatch(/credentials/i);
  });
});
