// `rolegate-server audit verify` checks audit files; `audit search` finds records in them.
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { AuditLine } from '../../audit/chain/claims.ts';
import { verifyAuditLines } from '../../audit/chain/verify.ts';
import { ConfigError } from '../../config/config.ts';
import { print, type ServerContext } from '../context.ts';

export function addAudit(program: Command, context: ServerContext): void {
  const audit = program.command('audit').description('check audit files, search in them');
  addVerify(audit, context);
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
