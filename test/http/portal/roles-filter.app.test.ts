// GET /api/v1/roles with filters, and the link that each role has.
import { describe, expect, test } from 'vitest';
import { type Roles, roles as rolesSchema } from '../../../src/wire/api.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { useApp } from '../support/app.ts';

const createApp = useApp();

const company = (raw: Raw): Raw => ({
  ...raw,
  accounts: [
    { id: '111122223333', alias: 'payments-prod', name: 'Payments Production', environment: 'production' },
    { id: '012345678901', alias: 'payments-dev', name: 'Payments Development', environment: 'development' },
    { id: '222233334444', alias: 'sandbox', owner: 'platform@corp.example', labels: ['play'] },
  ],
  rules: [
    {
      name: 'engineers',
      when: { group: 'CORP\\Engineers' },
      grant: { accounts: ['payments-prod', 'payments-dev', 'sandbox'], role: 'ReadOnly' },
    },
    {
      name: 'builders',
      when: { group: 'CORP\\Engineers' },
      grant: { accounts: ['payments-dev'], role: 'team/Builder', description: 'Build.' },
    },
  ],
});

async function list(query: string): Promise<{ status: number; names: string[]; body: Roles }> {
  const { browser } = await createApp(company);
  const alice = browser();
  await alice.signIn('alice');
  const answer = await alice.get(`/api/v1/roles${query}`);
  const body: Roles = answer.body;
  const names = (body.roles ?? []).map((role) => `${role.accountAlias}/${role.roleName}`);
  return { status: answer.status, names, body };
}

const [prod, dev, builder, sandbox] = [
  'payments-prod/ReadOnly',
  'payments-dev/ReadOnly',
  'payments-dev/Builder',
  'sandbox/ReadOnly',
];

describe('the list of roles', () => {
  const rows: [query: string, names: string[]][] = [
    ['', [prod, dev, builder, sandbox]],
    ['?q=payments', [prod, dev, builder]],
    ['?q=PAYMENTS%20read', [prod, dev]],
    ['?q=dev/build', [builder]],
    ['?q=222233334444', [sandbox]],
    ['?q=%20', [prod, dev, builder, sandbox]],
    ['?q=nothing', []],
    ['?account=payments-dev', [dev, builder]],
    ['?account=111122223333', [prod]],
    ['?account=payments', []],
    ['?environment=production', [prod]],
    ['?environment=Production', []],
    ['?role=ReadOnly', [prod, dev, sandbox]],
    ['?role=Builder', [builder]],
    ['?role=team/Builder', [builder]],
    ['?role=readonly', []],
    ['?q=payments&role=ReadOnly&environment=development', [dev]],
  ];
  test.each(rows)('with %j', async (query, names) => {
    const answer = await list(query);
    expect(answer.status).toBe(200);
    expect(answer.names).toEqual(names);
    expect(rolesSchema.safeParse(answer.body).error).toBeUndefined();
  });

  test.each(['?colour=red', '?q=', '?account=', '?q=a&q=b', `?q=${'x'.repeat(201)}`, '?Q=payments', '?__proto__=x'])(
    'refuses %s',
    async (query) => {
      expect((await list(query)).status).toBe(400);
    },
  );

  test('has what people know an account by, and a link that does not change with its alias', async () => {
    const { body } = await list('?q=builder');
    expect(body.roles[0]).toMatchObject({
      accountLabels: [],
      accountOwner: null,
      description: 'Build.',
      consoleUrl: 'http://127.0.0.1:8080/console?role=012345678901/team/Builder',
    });
    const other = await list('?account=sandbox');
    expect(other.body.roles[0]).toMatchObject({ accountLabels: ['play'], accountOwner: 'platform@corp.example' });
  });

  test('has links that lead to the role they stand at', async () => {
    const { browser } = await createApp(company);
    const alice = browser();
    await alice.signIn('alice');
    const { roles }: Roles = (await alice.get('/api/v1/roles')).body;
    for (const { consoleUrl, roleArn } of roles) {
      const { pathname, search } = new URL(consoleUrl!);
      const page = await alice.get(pathname + search, { Accept: 'text/html' });
      expect(page.text).toContain(`name="roleArn" value="${roleArn}"`);
    }
  });

  test('answers 304 to a client that has the list, until it changes', async () => {
    const { browser } = await createApp(company);
    const alice = browser();
    await alice.signIn('alice');
    const first = await alice.get('/api/v1/roles');
    expect(first.headers).toMatchObject({
      etag: expect.stringMatching(/^W\/"[\w-]{22}"$/),
      'cache-control': 'private, no-cache',
    });
    expect(first.headers['vary']).toMatch(/Cookie.*Authorization/);
    const etag = first.headers['etag'] as string;
    const again = await alice.get('/api/v1/roles', { 'If-None-Match': etag });
    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
    expect((await alice.get('/api/v1/roles?q=sandbox', { 'If-None-Match': etag })).status).toBe(200);
    expect((await browser().get('/api/v1/roles', { 'If-None-Match': etag })).status).toBe(401);
  });

  test('is compressed where it is long', async () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      id: String(100000000000 + index),
      alias: `account-${index}`,
    }));
    const { browser } = await createApp((raw) => ({
      ...company(raw),
      accounts: [...(company(raw)['accounts'] as object[]), ...many],
      rules: [
        {
          name: 'all',
          when: { group: 'CORP\\Engineers' },
          grant: { accounts: many.map(({ alias }) => alias), role: 'ReadOnly' },
        },
      ],
    }));
    const alice = browser();
    await alice.signIn('alice');
    const plain = await alice.get('/api/v1/roles', { 'Accept-Encoding': 'identity' });
    const compressed = await alice.get('/api/v1/roles', { 'Accept-Encoding': 'gzip' });
    expect([plain.headers['content-encoding'], compressed.headers['content-encoding']]).toEqual([undefined, 'gzip']);
    expect(compressed.body).toEqual(plain.body);
    expect(plain.body.roles).toHaveLength(300);
    expect(Number(compressed.headers['content-length'])).toBeLessThan(Number(plain.headers['content-length']) / 5);
    expect(compressed.headers['etag']).toBe(plain.headers['etag']);
  });
});
