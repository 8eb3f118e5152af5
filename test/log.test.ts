import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createLogger } from '../src/log.ts';

function logged(facts: object): Record<string, unknown> {
  let text = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  createLogger('info', stream).info(facts, 'tried');
  return JSON.parse(text) as Record<string, unknown>;
}

test('what could hold a secret is removed, in the facts and one level below', () => {
  const headers = { cookie: 'a', authorization: { scheme: 'b' }, host: 'c' };
  const facts = { token: 'd', credentials: { secret: 'e' }, SAMLResponse: ['f'], RelayState: '', headers, code: 'g' };
  const before = structuredClone(facts);
  expect(logged(facts)).toMatchObject({
    ...{ token: '[removed]', credentials: '[removed]', SAMLResponse: '[removed]', RelayState: '[removed]', code: 'g' },
    headers: { cookie: '[removed]', authorization: '[removed]', host: 'c' },
    msg: 'tried',
  });
  expect(facts).toEqual(before);
});

test('other facts come out as they are, also below a name that is a secret elsewhere', () => {
  const facts = { requestId: 'a', ms: 3, idps: ['token', 'secret'], received: { user: { name: 'b' } }, none: null };
  expect(logged(facts)).toMatchObject(facts);
});

/** Runs a line of code after `log` was made in a process whose stdout is a pipe. */
function logProcess(code: string) {
  const source = `const { createLogger } = await import(${JSON.stringify(new URL('../src/log.ts', import.meta.url).href)});
    const log = createLogger('info'); ${code}`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

test('a line appears soon, though lines are written together', async () => {
  const child = logProcess(`log.info('first'); process.stdin.resume();`);
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  expect(JSON.parse(first.toString())).toMatchObject({ msg: 'first' });
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('what was logged just before the end is written', async () => {
  const child = logProcess(`for (let line = 1; line <= 3; line++) log.warn({ line }, 'last words'); process.exit(3);`);
  const lines = (await text(child.stdout)).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { line: number }).line)).toEqual([1, 2, 3]);
});
