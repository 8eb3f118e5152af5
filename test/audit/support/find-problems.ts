import { verifyAuditLines } from '../../../src/audit/verify.ts';

/** What `audit verify` says of some lines. */
export async function findProblems(text: string): Promise<readonly string[]> {
  async function* lines() {
    for (const [index, line] of text.trimEnd().split('\n').entries()) yield { text: line, at: `line ${index + 1}` };
  }
  return (await verifyAuditLines(lines())).problems.map((problem) => problem.replace(/ \(chain .*$/, ''));
}
