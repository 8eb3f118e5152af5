// `rolegate-server audit verify` checks audit files; `audit search` finds records in them.
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { AuditLine } from '../../audit/chain/claims.ts';
import { printable } from '../../audit/chain/json-lines.ts';
import { verifyAuditLines } from '../../audit/chain/verify.ts';
import { type AuditQuery, createSearch, type FoundRecord } from '../../audit/search.ts';
import { ConfigError } from '../../config/config.ts';
import { print, type ServerContext } from '../context.ts';

export function addAudit(program: Command, context: ServerContext): void {
  const audit = program.command('audit').description('check and search audit files');
  addVerify(audit, context);
  addSearch(audit, context);
}

function addVerify(audit: Command, context: ServerContext): void {
  audit
    .command('verify')
    .description(
      'verify hash chains, signatures and anchors in audit files; exit code 1 if a record is broken, removed or reordered',
    )
    .argument('<file...>', 'files of all processes, each in the order in which it was written')
    .option('--key <file>', 'public key or certificate (PEM) of audit.signing; repeat it for several', addKey, [])
    .option('--partial', 'the files do not hold every chain: note those that are missing', false)
    .action(async (files: string[], { key: keys, partial }: { key: KeyObject[]; partial: boolean }) => {
      const { problems, notes, chains } = await verifyAuditLines(() => readLines(files), { keys, isPartial: partial });
      for (const problem of problems) print(context, problem);
      for (const note of notes) print(context, `note: ${note}`);
      for (const { chain, records, hash, signedUpTo, isClosed } of chains) {
        const signed = signedUpTo === undefined ? '' : `, signed up to ${signedUpTo}`;
        print(context, `chain ${chain}: ${records} records, ends with ${hash}${signed}${isClosed ? ', closed' : ''}`);
      }
      if (chains.length === 0) print(context, 'no audit records found');
      print(context, problems.length === 0 ? 'ok' : `${problems.length} problems`);
      if (problems.length > 0 || chains.length === 0) context.fail();
    });
}

interface SearchOptions extends AuditQuery {
  readonly json?: boolean;
}

function addSearch(audit: Command, context: ServerContext): void {
  audit
    .command('search')
    .description('find records; several options narrow the search; exit code 1 if there is none')
    .argument('<file...>', 'audit files')
    .option('--user <name>', 'of this user, or about them')
    .option('--role <role>', 'an ARN, ACCOUNT/NAME or a role name')
    .option('--access-key-id <id>', 'access key id, as CloudTrail shows it')
    .option('--assertion-id <id>', 'sAMLAssertionID of CloudTrail, or the assertion of the identity provider')
    .option('--from <time>', 'at or after this time, such as 2026-03-02 or 2026-03-02T09:00:00Z', readTime)
    .option('--to <time>', 'before this time', readTime)
    .option('--json', 'the records as they are, for jq')
    .action(async (files: string[], { json, ...query }: SearchOptions) => {
      const find = createSearch(query);
      let found = 0;
      for await (const { text } of readLines(files)) {
        const record = find(text);
        if (!record) continue;
        found++;
        print(context, json ? text : describeRecord(record));
      }
      if (found === 0) {
        context.stderr.write('no records found\n');
        context.fail();
      }
    });
}

/** Values are printed as JSON: no name in a record can control the terminal. */
function describeRecord({ audit: _, time, event, chain: __, previous: ___, ...facts }: FoundRecord): string {
  const pairs = Object.entries(facts).filter(([name, value]) => value !== undefined && name !== 'userAgent');
  return [time, event, ...pairs.map(([name, value]) => `${name}=${printable(JSON.stringify(value))}`)].join('  ');
}

/** A date is the beginning of its day in UTC. @throws ConfigError */
function readTime(text: string): Date {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = new Date(text);
  if (isTime && !Number.isNaN(time.getTime())) return time;
  throw new ConfigError(text, ['is not a time such as 2026-03-02 or 2026-03-02T09:00:00Z']);
}

/** @throws ConfigError */
function addKey(file: string, keys: readonly KeyObject[]): KeyObject[] {
  try {
    const pem = readFileSync(file, 'utf8');
    const isCertificate = pem.includes('-----BEGIN CERTIFICATE-----');
    return [...keys, isCertificate ? new X509Certificate(pem).publicKey : createPublicKey(pem)];
  } catch (error) {
    throw new ConfigError('--key', [`${file}: is not a PEM public key or certificate: ${(error as Error).message}`]);
  }
}

async function* readLines(files: readonly string[]): AsyncIterable<AuditLine> {
  for (const file of files) {
    let number = 0;
    const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const text of lines) {
      number++;
      yield { text, at: `${file}:${number}` };
    }
  }
}
