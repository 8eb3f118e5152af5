// Subject `verify`: verification of one Response inside a process, without HTTP and Redis.
import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { groupClaim, idpEntityId } from '../lib/idp.ts';
import { type Program, startOwn, startProgram } from '../lib/processes.ts';
import { chartOf, cpuTable, noiseNotes, ratioOf } from '../lib/report.ts';
import { interleave, type Measured } from '../lib/rounds.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';
import type { Setup } from '../programs/verify-candidate.ts';

const names = ['floor', 'Rolegate', 'node-saml', 'xml-crypto'];
const xmlsec = 'xmlsec C (python-xmlsec)';
const python = '/usr/bin/python3';
const sizes = [10, 200, 1000, 3000];
const warmUpMs = 1500;
const measureMs = 150;

export const verify: Subject = { name: 'verify', title: 'Verification of one Response, in process', run };

interface Candidate {
  readonly name: string;
  measure(messages: readonly string[], minMs: number): Promise<{ ms?: number; groups?: number; refused?: string }>;
  stop(): Promise<void>;
}

async function run(bench: Bench): Promise<Section> {
  const setup: Setup = {
    ...{ certificate: bench.idp.certificate, idpEntityId, groupClaim, inResponseTo: '_request' },
    ...{ acsUrl: 'https://sp.example.com/saml/acs', spEntityId: 'https://sp.example.com/saml/metadata' },
  };
  const candidates: Candidate[] = [];
  try {
    for (const name of names) candidates.push(await startCandidate(bench, name, setup));
    const hasXmlsec = spawnSync(python, ['-c', 'import xmlsec, lxml.etree']).status === 0;
    if (hasXmlsec) candidates.push(await startXmlsec(bench, setup));
    const columns = await measure(bench, candidates, setup);
    const skipped = hasXmlsec
      ? []
      : ['xmlsec C: skipped, python3-xmlsec is not installed (`node bench/peers.mjs --install`).'];
    return {
      tables: [cpuTable(columns, { unit: 'µs', own: 'Rolegate' })],
      charts: [chartOf('verify', 'CPU for verifying one Response', 'µs', columns)],
      figures: figuresOf(columns, hasXmlsec),
      notes: [...skipped, ...noiseNotes(columns)],
    };
  } finally {
    for (const candidate of candidates) await candidate.stop();
  }
}

async function measure(bench: Bench, candidates: readonly Candidate[], setup: Setup) {
  const columns: { label: string; groups: number; measured: Measured[] }[] = [];
  for (const groups of sizes) {
    bench.say(`  ${groups} groups`);
    const messages = Array.from({ length: 8 }, () => bench.idp.respond({ ...setup, groups }));
    for (const candidate of candidates) {
      await requireCorrect(bench, candidate, { ...setup, groups }, messages);
      if (groups === sizes[0]) await candidate.measure(messages, warmUpMs);
    }
    const measured = await interleave(
      candidates.map((candidate) => ({
        name: candidate.name,
        measure: async () => ((await candidate.measure(messages, measureMs)).ms ?? Number.NaN) * 1000,
      })),
      bench.rounds,
    );
    columns.push({ label: `${groups.toLocaleString('en')} groups`, groups, measured });
  }
  return columns;
}

/** @throws Error unless the candidate accepts the message with all its groups and refuses a changed one */
async function requireCorrect(
  bench: Bench,
  candidate: Candidate,
  input: Setup & { readonly groups: number },
  messages: readonly string[],
): Promise<void> {
  const good = await candidate.measure(messages, 0);
  const edit = (xml: string) => xml.replace('Developers-0001', 'Developers-9999');
  const changed = await candidate.measure([bench.idp.respond({ ...input, edit })], 0);
  const isRight = (good.groups ?? input.groups) === input.groups && good.refused === undefined;
  if (!isRight || changed.refused === undefined) {
    throw new Error(`${candidate.name} at ${input.groups} groups: ${JSON.stringify({ good, changed })}`);
  }
}

function figuresOf(columns: Awaited<ReturnType<typeof measure>>, hasXmlsec: boolean) {
  const at = (groups: number, base: string, limit: number) => {
    const column = columns.find((each) => each.groups === groups)!;
    const name = `verification, ${groups} groups: Rolegate ÷ ${base}`;
    return { name, value: ratioOf(column, 'Rolegate', base), limit };
  };
  const toFloor = [at(10, 'floor', 8), at(1000, 'floor', 12)];
  return hasXmlsec ? [...toFloor, at(10, xmlsec, 1.0), at(200, xmlsec, 0.9), at(1000, xmlsec, 0.9)] : toFloor;
}

async function startCandidate(bench: Bench, name: string, setup: Setup): Promise<Candidate> {
  const logFile = join(bench.folder('verify'), 'log');
  const program = await startOwn('verify-candidate', { logFile, ipc: true });
  const ask = (order: object) => answerOf(program, program.child, order);
  await ask({ setup, name });
  return {
    name,
    measure: (messages, minMs) => ask({ messages, minMs }),
    stop: () => program.stop(),
  };
}

function answerOf(program: Program, child: ChildProcess, order: object): Promise<{ ms?: number }> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`process ${program.pid} ended`));
    child.once('exit', fail);
    child.once('message', (answer: object) => {
      child.off('exit', fail);
      resolve(answer);
    });
    child.send(order);
  });
}

async function startXmlsec(bench: Bench, setup: Setup): Promise<Candidate> {
  const logFile = join(bench.folder('verify'), 'log');
  const script = fileURLToPath(new URL('../programs/verify-xmlsec.py', import.meta.url));
  const program = await startProgram({ command: python, args: [script], logFile, stdin: true });
  const lines = createInterface({ input: program.child.stdout! })[Symbol.asyncIterator]();
  const ask = async (order: object) => {
    program.child.stdin!.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('the Python program ended');
    return JSON.parse(value);
  };
  await ask({ setup });
  return { name: xmlsec, measure: (messages, minMs) => ask({ messages, minMs }), stop: () => program.stop() };
}
