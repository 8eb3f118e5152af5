import { spawnSync } from 'node:child_process';
import { access, copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait.ts';
import { createSourceTree, type SourceTree } from './source-tree.ts';

let tree: SourceTree;
beforeEach(async () => {
  tree = await createSourceTree();
});
afterEach(() => tree.remove());

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
/** The pid of a process that has ended. */
const deadPid = () => String(spawnSync(process.execPath, ['-e', '']).pid);

describe('npm run build', () => {
  test('makes programs that run, carries the assets over and leaves nothing behind', async () => {
    expect(await tree.run('build.mjs')).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const name of ['dist/rolegate.cjs', 'dist/server.js']) {
      expect(await readFile(tree.path(name), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
      expect((await stat(tree.path(name))).mode & 0o777).toBe(0o755);
    }
    expect(spawnSync(tree.path('dist/server.js'), ['check']).stdout.toString()).toMatch(/^hello check \d+\n$/);
    await copyFile(tree.path('dist/rolegate.cjs'), tree.path('alone.cjs'));
    expect(spawnSync(tree.path('alone.cjs'), ['fast']).stdout.toString()).toBe('fast\n');
    expect(spawnSync(tree.path('alone.cjs')).stdout.toString()).toBe('slow \u2028é file:///\n');
    expect(await readFile(tree.path('dist/http/assets/style.css'), 'utf8')).toBe('body { margin: 0 }\n');
    expect(await exists(tree.path('dist/http/assets/portal.js'))).toBe(true);
    expect(await exists(tree.path('dist/room/greeting.ts'))).toBe(false);
    expect(await tree.leftovers()).toEqual([]);
  });

  test('fails on a type error and keeps the last good dist/', async () => {
    await tree.run('build.mjs');
    await tree.write('src/room/greeting.ts', 'export const greeting: string = 1;\n');
    const failed = await tree.run('build.mjs');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/greeting\.ts.*TS2322/s);
    expect(spawnSync(tree.path('dist/server.js')).stdout.toString()).toMatch(/^hello/);
    expect(await tree.leftovers()).toEqual([]);
  });

  test('removes output of deleted sources', async () => {
    await tree.write('src/gone.ts', 'export {};\n');
    await tree.run('build.mjs');
    expect(await exists(tree.path('dist/gone.js'))).toBe(true);
    await rm(tree.path('src/gone.ts'));
    await tree.run('build.mjs');
    expect(await exists(tree.path('dist/gone.js'))).toBe(false);
  });

  test('may run three times at once', async () => {
    const outcomes = await Promise.all([tree.run('build.mjs'), tree.run('build.mjs'), tree.run('build.mjs')]);
    expect(outcomes.map((outcome) => outcome.code)).toEqual([0, 0, 0]);
    expect(spawnSync(tree.path('dist/server.js')).stdout.toString()).toMatch(/^hello/);
    expect(await tree.leftovers()).toEqual([]);
  });

  test('clears away a build that was killed, its lock included', async () => {
    const pid = deadPid();
    await mkdir(tree.path(`.build-${pid}`));
    await tree.write('.build-lock/pid', pid);
    expect((await tree.run('build.mjs')).code).toBe(0);
    expect(await tree.leftovers()).toEqual([]);
  });

  test('waits for a lock whose holder lives', async () => {
    await tree.write('.build-lock/pid', String(process.pid));
    const { child, finished } = tree.start('build.mjs');
    const ended = await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, 400, 'waits'))]);
    expect(ended).toBe('waits');
    expect(await exists(tree.path(`.build-${child.pid}`))).toBe(false);
    await writeFile(tree.path('.build-lock/pid'), deadPid());
    expect((await finished).code).toBe(0);
  });
});

describe('npm start', () => {
  test('builds once, adds nothing to standard output, and passes its arguments on', async () => {
    const first = await tree.run('start.mjs', '--config', 'a b.yaml');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^hello start --config a b\.yaml \d+\n$/);

    await tree.write('dist/mark', '');
    await tree.run('start.mjs');
    expect(await exists(tree.path('dist/mark'))).toBe(true);
  });

  const changes = [
    { name: 'a source', file: 'src/room/greeting.ts', content: "export const greeting: string = 'hi';\n" },
    { name: 'an asset', file: 'src/http/assets/style.css', content: 'body { margin: 1px }\n' },
    { name: 'a new file', file: 'src/new.ts', content: 'export {};\n' },
    { name: 'the locked dependencies', file: 'package-lock.json', content: '{}\n' },
  ];
  for (const { name, file, content } of changes) {
    test(`builds again after a change of ${name}`, async () => {
      await tree.run('build.mjs');
      await tree.write('dist/mark', '');
      await tree.write(file, content);
      expect((await tree.run('start.mjs')).code).toBe(0);
      expect(await exists(tree.path('dist/mark'))).toBe(false);
    });
  }

  test('may be called twice at once on a fresh checkout', async () => {
    const outcomes = await Promise.all([tree.run('start.mjs'), tree.run('start.mjs')]);
    for (const { code, stdout } of outcomes) expect([code, stdout]).toEqual([0, expect.stringMatching(/^hello start/)]);
  });

  test('is the server itself, so that SIGTERM reaches it', async () => {
    const { child, finished } = tree.start('start.mjs', '--wait');
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await waitFor('the server', () => said.endsWith('\n'));
    const first = `hello start --wait ${child.pid}\n`;
    expect(said).toBe(first);
    child.kill('SIGTERM');
    expect(await finished).toMatchObject({ code: 0, stdout: `${first}drained\n` });
  });

  test('takes dist/ as it is where the compiler is not installed', async () => {
    await tree.run('build.mjs');
    await tree.write('src/room/greeting.ts', "export const greeting: string = 'newer';\n");
    await tree.forgetCompiler();
    expect((await tree.run('start.mjs')).stdout).toMatch(/^hello start/);
  });

  test('names the commands when there is neither dist/ nor a compiler', async () => {
    await tree.forgetCompiler();
    expect(await tree.run('start.mjs')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'dist/ is missing: run npm ci && npm run build\n',
    });
  });

  test('does not start what does not compile', async () => {
    await tree.write('src/room/greeting.ts', 'export const greeting: string = 1;\n');
    const failed = await tree.run('start.mjs');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/the build failed/);
  });
});
