import { verifyAuditLines } from '../../../src/audit/chain/verify.ts';

/** What `audit verify` says of some lines. */
export async function findProblems(text: string): Promise<readonly string[]> {
  return (await verifyAuditLines(() => linesOf(text))).problems.map((problem) => problem.replace(/ \(chain .*$/, ''));
}

export async function* linesOf(text: string) {
  for (const [index, line] of text.trimEnd().split('\n').entries()) yield { text: line, at: `line ${index + 1}` };
}
