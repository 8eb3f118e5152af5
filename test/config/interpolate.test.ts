import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { change, createWorkplace, env, goodProduction, load, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

describe('references', () => {
  /* biome-ignore-start lint/suspicious/noTemplateCurlyInString: the configuration's own placeholders */
  const withName = (name: string) => change(goodProduction(), 'portal.name', name);

  test('to the environment and to files are filled in, also inside a text', async () => {
    workplace.write('name.txt', 'Sample Company\n');
    const { portal } = await load(workplace, withName('${file:name.txt} (${REGION})'), { ...env, REGION: 'EU' });
    expect(portal.name).toBe('Sample Company (EU)');
  });

  test('are filled in once: a value that looks like a reference stays as it is', async () => {
    const { portal } = await load(workplace, withName('${NAME}'), { ...env, NAME: '${SESSION_SECRET}' });
    expect(portal.name).toBe('${SESSION_SECRET}');
  });

  test.each([
    ['a variable that is not set', '${ABSENT}', 'the environment variable ABSENT is not set'],
    ['a variable that is empty', '${EMPTY}', 'the environment variable EMPTY is not set'],
    ['a file that is not there', '${file:absent}', 'the file absent cannot be read or is empty'],
    ['a file that is empty', '${file:empty}', 'the file empty cannot be read or is empty'],
  ])('to %s are a problem with a path', async (_, name, expected) => {
    workplace.write('empty', '');
    const problems = await problemsOf(workplace, withName(`a${name}`), { ...env, EMPTY: '' });
    expect(problems).toEqual([`portal.name: ${expected}`]);
  });

  test('never show a secret in a message', async () => {
    const problems = await problemsOf(workplace, change(goodProduction(), 'session.secrets', ['${SHORT}']), {
      ...env,
      SHORT: 'tellnobody',
    });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('tellnobody');
  });
  /* biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above */
});
