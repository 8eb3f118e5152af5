// The portal as people use it, in Chromium: by keyboard alone, in both languages and colours, on a narrow screen.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { answerIdentityProvider, signOut } from './support/person.ts';

let demo: TestDemo;
let page: Page;

const chromium = useChromium();

/** Bob has nineteen more, in three environments: twenty roles in twenty accounts. */
const bobsAccounts = Array.from({ length: 19 }, (_, index) => ({
  id: String(700_000_000_000 + index),
  alias: `team-${index}`,
  name: `Team ${index}`,
  environment: ['development', 'staging', 'production'][index % 3],
}));

beforeAll(async () => {
  demo = await startTestDemo({
    idpHost: 'localhost',
    adjust: (config) => {
      const [accounts, rules] = [config['accounts'] as object[], config['rules'] as object[]];
      const descriptions = { mint: 'Reads the logs and bills of the team.', 'browser-post': 'Reads logs.' };
      const rule = (mode: 'mint' | 'browser-post', some: typeof bobsAccounts) => ({
        name: `auditors of teams, ${mode}`,
        when: { group: 'CORP\\AWS-Auditors' },
        grant: { role: 'Auditor', description: descriptions[mode], mode, accounts: some.map(({ alias }) => alias) },
      });
      // AWS knows none of these accounts: without STS a console link is a use, too.
      const more = [rule('mint', bobsAccounts.slice(5)), rule('browser-post', bobsAccounts.slice(0, 5))];
      return { ...config, accounts: [...accounts, ...bobsAccounts], rules: [...rules, ...more] };
    },
  });
});

afterAll(async () => {
  await demo?.close();
});

async function open(user: string, options: BrowserContextOptions = {}): Promise<void> {
  page = await chromium.open(options);
  await page.goto(demo.brokerUrl);
  await answerIdentityProvider(page, demo.brokerUrl, user);
}

/** As a script of our own page, or a client of the API, does it. */
async function setFavourites(favourites: readonly string[]): Promise<void> {
  const put = `fetch('/api/v1/preferences/favourites', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: ${JSON.stringify(JSON.stringify({ favourites }))},
  }).then(({ status }) => status)`;
  expect(await page.evaluate(put)).toBe(200);
}

const focused = () =>
  page.evaluate(`document.activeElement.getAttribute('aria-label') ?? document.activeElement.id`) as Promise<string>;

async function press(...keys: string[]): Promise<string> {
  for (const key of keys) await page.keyboard.press(key);
  return focused();
}

describe('by keyboard', () => {
  test('a slash searches, Enter opens the console of the best', async () => {
    await open('alice');
    expect(await press('/')).toBe('search');
    await page.keyboard.type('data sci');
    expect(await page.textContent('#find-status')).toBe('Roles found: 1');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${demo.awsUrl}/console/**`);
    expect(await page.textContent('body')).toContain('DataScientist');
  });

  test('in production Enter goes to the button first, and only there it opens', async () => {
    await open('alice');
    await press('/');
    await page.keyboard.type('platform prod');
    expect(await press('Enter')).toBe('Open the console as Operator in Platform Production');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${demo.awsUrl}/console/**`);
  });

  test('arrows go from role to role and back to the field, Tab to the actions, Escape clears', async () => {
    await open('alice');
    await press('/');
    await page.keyboard.type('payments prod');
    expect(await press('ArrowDown')).toBe('Open the console as Admin in Payments Production');
    expect(await press('ArrowDown')).toBe('Open the console as ReadOnly in Payments Production');
    expect(await press('ArrowDown')).toBe('Open the console as ReadOnly in Payments Production');
    expect(await press('Tab')).toBe('Get credentials for ReadOnly in Payments Production');
    expect(await press('Tab', 'Tab')).toBe('More for ReadOnly in Payments Production');
    expect(await press('ArrowUp', 'ArrowUp')).toBe('search');
    expect(await press('Escape')).toBe('search');
    expect(await page.inputValue('#search')).toBe('');
    expect(await page.isVisible('#overview')).toBe(true);
  });

  test('every stop of Tab shows where it is and lies in the window', async () => {
    await open('alice', { viewport: { width: 1000, height: 600 } });
    const where = `(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      const isSeen = element.contains(middle) || element.labels?.[0]?.contains(middle);
      return { name: element.outerHTML.slice(0, 120), isOutlined: outlineStyle !== 'none' && outlineWidth !== '0px', isSeen };
    })()`;
    const stops: { name: string; isOutlined: boolean; isSeen: boolean }[] = [];
    for (let stop = 0; stop < 60; stop++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate('document.activeElement === document.body')) break;
      stops.push((await page.evaluate(where)) as (typeof stops)[number]);
    }
    expect(stops.length).toBeGreaterThan(35);
    expect(stops.filter(({ isOutlined, isSeen }) => !isOutlined || !isSeen)).toEqual([]);
  });

  test('Ctrl K finds what can be done, and does it', async () => {
    await open('alice');
    expect(await press('Control+k')).toBe('palette-field');
    await page.keyboard.type('cred data');
    expect(await page.textContent('[role=option][aria-selected=true]')).toBe(
      'Credentials: DataScientist, Data Development',
    );
    await page.keyboard.press('Enter');
    await page.waitForURL(`${demo.brokerUrl}/portal/credentials`);
    expect(await page.textContent('h1')).toBe('Credentials for DataScientist in Data Development');
  });

  test('the palette closes with Escape, gives the focus back, and signs out', async () => {
    await open('alice');
    await press('/', 'Control+k');
    expect(await press('Escape')).toBe('search');
    await press('Control+k');
    await page.keyboard.type('sign out');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${demo.brokerUrl}/signed-out`);
  });

  test('a copied link is the stable one', async () => {
    await open('alice', { permissions: ['clipboard-read', 'clipboard-write'] });
    await press('Control+k');
    await page.keyboard.type('copy staging');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.getElementById('find-status')?.textContent === 'Link copied');
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `${demo.brokerUrl}/console?role=333344445555/Developer`,
    );
  });
});

describe('favourites', () => {
  test('are drawn at once, kept, and taken away again', async () => {
    await open('bob');
    const star = page.getByRole('button', { name: 'Favourite: ReadOnly in Payments Production' });
    const kept = page.waitForResponse((response) => response.url().endsWith('/portal/favourites'));
    await star.first().click();
    expect(await page.locator('#favourites .role').count()).toBe(1);
    expect((await kept).status()).toBe(204);
    await page.reload();
    expect(await page.locator('#favourites .role').count()).toBe(1);
    await page.locator('#favourites .star').click();
    expect(await page.locator('#favourites').isVisible()).toBe(false);
    expect(await star.getAttribute('aria-pressed')).toBe('false');
  });

  test('are taken back when the server could not keep them', async () => {
    await open('bob');
    await page.route('**/portal/favourites', (route) => route.abort());
    const star = page.getByRole('button', { name: 'Favourite: ReadOnly in Payments Production' });
    await star.click();
    await page.waitForFunction(() =>
      document.getElementById('find-status')?.textContent?.startsWith('The favourite could'),
    );
    expect(await star.getAttribute('aria-pressed')).toBe('false');
  });
});

test('1280 × 900 shows twenty roles under an announcement, also after favourites and recent roles', async () => {
  await open('bob', { viewport: { width: 1280, height: 900 } });
  await setFavourites([]);
  await page.goto(demo.brokerUrl);
  const visible = async () => {
    const rows = await page.locator('.role').evaluateAll((all) =>
      all
        .filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return row.checkVisibility({ contentVisibilityAuto: true }) && top >= 0 && bottom <= innerHeight;
        })
        .map((row) => [row.closest('section')?.id, row.querySelector('input')?.value]),
    );
    const countOf = (id: string) => rows.filter(([section]) => section === id).length;
    return { favourites: countOf('favourites'), recents: countOf('recents'), accounts: countOf(''), all: rows.length };
  };
  expect(await page.isVisible('.announcement')).toBe(true);
  expect(await page.locator('.account').count()).toBe(20);
  expect(await visible()).toEqual({ favourites: 0, recents: 0, accounts: 20, all: 20 });

  const auditor = (index: number) => `arn:aws:iam::${bobsAccounts[index]!.id}:role/Auditor`;
  for (const index of [0, 1, 2, 3, 4]) {
    const form = { roleArn: auditor(index) };
    await page.request.post(`${demo.brokerUrl}/portal/console`, { form, headers: { origin: demo.brokerUrl } });
  }
  await setFavourites([10, 11, 12].map(auditor));
  await page.goto(demo.brokerUrl);
  const unfolded = await visible();
  expect(unfolded).toMatchObject({ favourites: 3, recents: 5 });
  expect(unfolded.all).toBeGreaterThanOrEqual(20);
  for (const name of ['Favourites', 'Recent']) await page.getByRole('button', { name, exact: true }).click();
  expect(await visible()).toEqual({ favourites: 0, recents: 0, accounts: 20, all: 20 });
  await page.goto(demo.brokerUrl);
  expect(await visible()).toMatchObject({ accounts: 20 });
  await page.getByRole('button', { name: 'Dismiss the announcement' }).click();
  await page.locator('.announcement').waitFor({ state: 'detached' });
  await setFavourites([]);
});

test('1280 px cut nothing: what does not fit takes a second line', async () => {
  await open('alice', { viewport: { width: 1280, height: 900 } });
  const what = page.locator('.account .what');
  await what.last().evaluate((each) => {
    each.querySelector('strong')!.textContent = 'Role'.repeat(20);
  });
  const boxes = await what.evaluateAll((all) =>
    all.map((each) => [each.scrollWidth - each.clientWidth, each.clientHeight]),
  );
  expect(boxes.map(([hidden]) => hidden)).toEqual(boxes.map(() => 0));
  expect(boxes.at(-1)![1]).toBeGreaterThan(boxes[0]![1]!);
});

test('compact rows and folded accounts stay after a reload and after the next sign-in', async () => {
  await open('alice');
  const account = page.locator('[data-account="111122223333"]');
  const height = async () => (await page.locator('.account .role').first().boundingBox())!.height;
  const comfortable = await height();
  await page.getByRole('button', { name: 'Compact' }).click();
  await page.getByRole('button', { name: 'Comfortable' }).waitFor();
  await account.locator('.fold').click();
  const stays = async () => {
    expect(await height()).toBeLessThan(comfortable);
    expect(await account.locator('.fold').getAttribute('aria-expanded')).toBe('false');
    expect(await account.locator('.role').first().isVisible()).toBe(false);
  };
  await stays();
  await page.reload();
  await stays();
  await signOut(page);
  await page.waitForURL('**/signed-out*');
  await page.goto(demo.brokerUrl);
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  await stays();
  await account.locator('.fold').click();
  await page.reload();
  expect(await account.locator('.role').first().isVisible()).toBe(true);
});

test('on paper the list is black on white, without what only a screen can do', async () => {
  await open('alice', { colorScheme: 'dark' });
  await page.locator('.person > summary').click();
  const gone = ['.top > .links', '.person', '#find', '.bar form', '.account .actions', '.account input[type=checkbox]'];
  const seen = () => Promise.all(gone.map((each) => page.locator(each).first().isVisible()));
  expect(await seen()).toEqual(gone.map(() => true));
  await page.emulateMedia({ media: 'print' });
  expect(await seen()).toEqual(gone.map(() => false));
  expect(await page.locator('.account .role strong').first().isVisible()).toBe(true);
  const colors = `['body', '.account .limit', '.account .env', '.accounts'].map((selector) => {
    const { color, backgroundColor } = getComputedStyle(document.querySelector(selector));
    return [color, backgroundColor];
  })`;
  const black = 'rgb(0, 0, 0)';
  const [white, none] = ['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'];
  expect(await page.evaluate(colors)).toEqual([white, none, none, white].map((ground) => [black, ground]));
});

test('a role that was used says so in the list of accounts and in search', async () => {
  await open('alice');
  const data = { roleArn: 'arn:aws:iam::333344445555:role/Developer' };
  await page.request.post(`${demo.brokerUrl}/api/v1/credentials`, { data, headers: { origin: demo.brokerUrl } });
  await page.reload();
  const what = page.locator('[data-account="333344445555"] .what');
  expect(await what.textContent()).toMatch(/^Developer\s+last used \d\d?:\d\d.* Build and run the payment services\.$/);
  expect(await page.locator('[data-account="111122223333"] .used').count()).toBe(0);
  await page.fill('#search', 'staging');
  expect(await page.locator('#results .used').count()).toBe(1);
});

test('a window of 1,100 px cuts neither what a role is for nor what it requires', async () => {
  await open('alice', { viewport: { width: 1100, height: 760 } });
  const cut = `[...document.querySelectorAll('.role .what')].filter((each) => each.scrollWidth > each.clientWidth).length`;
  expect(await page.locator('.role .what .tag').count()).toBeGreaterThan(0);
  expect(await page.evaluate(cut)).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1100);
});

test('in a narrow window the user menu is beside the name of the portal, the pages below both', async () => {
  await open('alice', { viewport: { width: 640, height: 450 } });
  const top = async (selector: string) => (await page.locator(selector).boundingBox())!.y;
  const links = await top('.top > .links');
  expect(await top('.brand')).toBeLessThan(links);
  expect(await top('.person')).toBeLessThan(links);
});

test('several roles are ticked, from the list and from search, and come on one page', async () => {
  await open('alice');
  const get = page.getByRole('button', { name: 'Credentials for the selected roles' });
  expect(await get.isVisible()).toBe(false);
  await page.getByLabel('Select Developer in Payments Development').check();
  await page.fill('#search', 'staging');
  await page.locator('#results').getByLabel('Select Developer in Payments Staging').check();
  expect(await page.textContent('#several-count')).toBe('Selected: 2');
  expect(await accessibilityProblems(page)).toEqual([]);
  await get.click();
  await page.waitForSelector('#lines-several', { state: 'attached' });
  expect(await page.textContent('#lines-several')).toMatch(/\[payments-dev-Developer\][\s\S]*\[payments-staging-Dev/);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('without a script everything is there but search and commands', async () => {
  // The identity provider's page posts itself by a script: sign in with one, go on without.
  await open('alice');
  const storageState = await page.context().storageState();
  page = await chromium.open({ storageState, javaScriptEnabled: false });
  await page.goto(demo.brokerUrl);
  expect(await page.locator('#find').isVisible()).toBe(false);
  await page.getByLabel('Select Developer in Payments Development').check();
  await page.getByRole('button', { name: 'Credentials for the selected roles' }).click();
  expect(await page.textContent('h1')).toBe('Credentials for several roles');
  await page.goto(demo.brokerUrl);
  await page.getByRole('button', { name: 'Favourite: Operator in Platform Development' }).first().click();
  expect(await page.locator('#favourites .role').count()).toBe(1);
  await page.getByRole('button', { name: 'Open the console as Operator in Platform Development' }).click();
  await page.waitForURL(`${demo.awsUrl}/console/**`);
});

const looks: [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['dark and Korean', { colorScheme: 'dark', locale: 'ko-KR' }],
  ['light, Korean and narrow', { colorScheme: 'light', locale: 'ko-KR', viewport: { width: 320, height: 640 } }],
  ['in forced colours', { forcedColors: 'active' }],
  ['dark, narrow and still', { colorScheme: 'dark', reducedMotion: 'reduce', viewport: { width: 320, height: 640 } }],
];
test.each(looks)('is accessible and fits its width: %s', async (_, options) => {
  await open('alice', options);
  await setFavourites(['arn:aws:iam::222233334444:role/Operator']);
  await page.reload();
  expect(await page.locator('#favourites .role').count()).toBe(1);
  const states: Record<string, () => Promise<unknown>> = {
    list: async () => {},
    search: () => page.fill('#search', 'prod'),
    nothing: () => page.fill('#search', 'qqqq'),
    selected: () => page.evaluate(`document.querySelector('.account input[type=checkbox]').click()`),
    palette: () => page.keyboard.press('Control+k'),
  };
  for (const [state, reach] of Object.entries(states)) {
    await reach();
    expect([state, await accessibilityProblems(page)]).toEqual([state, []]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  }
});
