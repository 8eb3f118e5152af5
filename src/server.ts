#!/usr/bin/env node
// Entry of `rolegate-server`: all its commands, each from its own file. The only file of the server that exits the process.
import { Command } from 'commander';
import { addAudit } from './admin/commands/audit.ts';
import { addCheck } from './admin/commands/check.ts';
import { addDoctor } from './admin/commands/doctor.ts';
import { addExplain } from './admin/commands/explain.ts';
import { addKeys } from './admin/commands/keys.ts';
import { addMetadata } from './admin/commands/metadata.ts';
import { addStart } from './admin/commands/start.ts';
import { addTemplate } from './admin/commands/template.ts';
import { addVerification } from './admin/commands/verification.ts';
import type { ServerContext } from './admin/context.ts';
import { systemClock } from './clock.ts';
import { loadConfig } from './config/load.ts';
import { systemRandom } from './random.ts';

const context: ServerContext = {
  clock: systemClock,
  random: systemRandom,
  load: ({ config }) => loadConfig(config, process.env, systemClock.now()),
  stdout: process.stdout,
  stderr: process.stderr,
  fail: () => {
    process.exitCode = 1;
  },
  exit: (error) => {
    if (error) process.stderr.write(`rolegate-server: ${error.message}\n`);
    process.exit(error ? 1 : 0);
  },
};

const program = new Command('rolegate-server').description('SAML federation broker for AWS');
for (const add of [
  addStart,
  addCheck,
  addExplain,
  addMetadata,
  addTemplate,
  addDoctor,
  addKeys,
  addAudit,
  addVerification,
])
  add(program, context);
await program.parseAsync().catch(context.exit);
