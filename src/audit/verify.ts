// Verifies audit files: each chain is complete, in order and unchanged, as far as the lines alone can show.
import { z } from 'zod';
import { lineHash } from './json-lines.ts';

export interface AuditReport {
  /** One line of text for each broken, changed, missing, repeated or reordered record. */
  readonly problems: readonly string[];
  readonly chains: readonly { readonly chain: string; readonly records: number; readonly hash: string }[];
}

const recordShape = z.object({ audit: z.int().min(1), chain: z.string().min(1), previous: z.string() });

interface Chain {
  last: number;
  hash: string;
  records: number;
  readonly missing: Set<number>;
}

/** Numbers of missing records to remember for each chain: they may still arrive in the wrong order. */
const maxMissing = 10_000;

/**
 * Reads lines of one or more files in order. Other lines, such as the log's on the same stream, are skipped.
 * Records missing at the end of a chain cannot be seen.
 */
export async function verifyAuditLines(
  lines: AsyncIterable<{ readonly text: string; readonly at: string }>,
): Promise<AuditReport> {
  const chains = new Map<string, Chain>();
  const problems: string[] = [];
  for await (const { text, at } of lines) {
    if (!text.startsWith('{"audit":')) continue;
    const record = parseRecord(text);
    if (record === undefined) {
      problems.push(`${at}: the record is cut off or not valid JSON`);
      continue;
    }
    const known = chains.get(record.chain);
    const chain = known ?? { last: 0, hash: record.chain, records: 0, missing: new Set<number>() };
    if (!known) chains.set(record.chain, chain);
    const problem = checkRecord(chain, record, lineHash(text));
    if (problem !== undefined) problems.push(`${at}: ${problem} (chain ${record.chain})`);
  }
  return {
    problems,
    chains: [...chains].map(([chain, { records, hash }]) => ({ chain, records, hash })),
  };
}

function parseRecord(text: string): z.output<typeof recordShape> | undefined {
  try {
    return recordShape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function checkRecord(chain: Chain, record: z.output<typeof recordShape>, hash: string): string | undefined {
  const { audit, previous } = record;
  if (audit <= chain.last) {
    if (!chain.missing.delete(audit)) return `record ${audit} is repeated`;
    chain.records++;
    return `record ${audit} is out of order`;
  }
  const first = chain.last + 1;
  const isNext = audit === first;
  const isChanged = isNext && previous !== chain.hash;
  for (let missing = first; missing < audit && chain.missing.size < maxMissing; missing++) chain.missing.add(missing);
  chain.last = audit;
  chain.hash = hash;
  chain.records++;
  if (!isNext) return `records ${first} to ${audit - 1} are missing before record ${audit}`;
  if (!isChanged) return undefined;
  return audit === 1
    ? 'record 1 does not begin its chain'
    : `record ${audit - 1} was changed, or record ${audit} does not belong here`;
}
