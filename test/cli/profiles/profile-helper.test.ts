import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CliContext } from '../../../src/cli/machine/context.ts';
import { profileHelper } from '../../../src/cli/profiles/profile-helper.ts';
import { createMachine } from '../support/machine.ts';

/** Words of the profiles' line, and what was said. */
function helper(overrides: Partial<CliContext>, option?: string) {
  const machine = createMachine(overrides);
  try {
    return { words: profileHelper(machine.context, option), said: machine.takeStderr() };
  } finally {
    machine.remove();
  }
}
const script = '/opt/rolegate/rolegate.cjs';

describe('on Linux and macOS', () => {
  test.each([
    [['/usr/bin/node', script], `/usr/bin/node ${script}`],
    [['/usr/bin/node', '/opt/my tools/rolegate.cjs'], '/usr/bin/node "/opt/my tools/rolegate.cjs"'],
    // The line must not begin with a quote.
    [['/opt/My Tools (new)/node', script], `/usr/bin/env "/opt/My Tools (new)/node" ${script}`],
  ])('%j', (argv0, line) => {
    const words = line.match(/"[^"]*"|\S+/g);
    expect(helper({ argv0 })).toEqual({ words, said: '' });
    expect(helper({}, line.replace('/usr/bin/env ', ''))).toEqual({ words, said: '' });
  });

  test('env would take a first word with = for a variable', () => {
    expect(() => helper({ argv0: ['/opt/a=b tools/node', script] })).toThrow(/SDKs read differently/);
    expect(helper({ argv0: ['/opt/a=b/node', script] }).words).toEqual(['/opt/a=b/node', script]);
  });

  test.each(['"', '$x', '`', '\\', '#', ';', '%', '\n'])('no quotes keep %j', (sign) => {
    expect(() => helper({ argv0: ['/usr/bin/node', `/opt/a ${sign}/rolegate.cjs`] })).toThrow(/SDKs read differently/);
  });
});

describe('on Windows', () => {
  const path = 'C:\\Program Files\\nodejs\\node.exe';
  const own = 'C:\\tools\\rolegate.cjs';
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rolegate-cmd-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** In place of cmd.exe: takes the path out of the line, and answers as a drive with or without short names. */
  function commandInterpreter(answer: string): string {
    const file = join(folder, 'cmd');
    writeFileSync(
      file,
      `#!/bin/sh\n[ "$6" = '"for %I in ("${path}") do @echo %~sI"' ] && printf '%s\\r\\n' '${answer}'\n`,
    );
    chmodSync(file, 0o755);
    return file;
  }
  const windows = (answer: string) => ({
    platform: 'win32' as const,
    argv0: [path, own],
    env: { ComSpec: commandInterpreter(answer) },
  });

  test('a path with spaces has its short form', () => {
    const words = ['C:\\PROGRA~1\\nodejs\\node.exe', own];
    expect(helper(windows(words[0]!))).toEqual({ words, said: '' });
    expect(helper(windows(words[0]!), `"${path}" ${own}`)).toEqual({ words, said: '' });
  });

  test('it is in quotes where the drive has no short names, with a warning', () => {
    const { words, said } = helper(windows(path));
    expect(words).toEqual([`"${path}"`, own]);
    expect(said).toMatch(/no short form on this drive: .* SDK for Go/);
  });

  test('a path that neither form fits is refused', () => {
    const odd = { ...windows(path), argv0: ['C:\\R&D\\node.exe', own] };
    expect(() => helper(odd)).toThrow(/SDKs read differently: give the short form/);
  });
});
