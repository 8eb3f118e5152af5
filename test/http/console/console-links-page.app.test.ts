// The page that makes console links: by GET alone, so that it works without a script and can be linked to half filled.
import { describe, expect, test } from 'vitest';
import { hostile, useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const roleArn = 'arn:aws:iam::012345678901:role/Developer';
const base = 'http://127.0.0.1:8080';

async function open(fields: Record<string, string>, person = 'alice') {
  const { browser } = await createApp();
  const reader = browser();
  await reader.signIn(person);
  const page = await reader.get(`/links?${new URLSearchParams(fields)}`, accept);
  const [, made] = /<pre id="made-link"[^>]*>([^<]*)<\/pre>/.exec(page.text) ?? [];
  return { reader, page, made: made?.replaceAll('&amp;', '&').replaceAll('&#39;', "'") };
}

describe('the page that makes links', () => {
  const made: [name: string, fields: Record<string, string>, link: string][] = [
    ['a role', {}, '/console?role=payments-dev/Developer'],
    ['whatever role the reader has in the account', { scope: 'account' }, '/console?role=payments-dev'],
    ['a service', { service: 'cloudwatch' }, '/console?role=payments-dev/Developer&service=cloudwatch'],
    [
      'a path',
      { destination: ' /s3/home?x=1&y=2#z ' },
      '/console?role=payments-dev/Developer&destination=/s3/home%3Fx%3D1%26y%3D2%23z',
    ],
    [
      'an address of the console',
      { destination: 'https://eu-west-1.console.aws.amazon.com/ec2/home' },
      '/console?role=payments-dev/Developer&destination=https://eu-west-1.console.aws.amazon.com/ec2/home',
    ],
    [
      'a region',
      { service: 's3', region: 'us-east-2' },
      '/console?role=payments-dev/Developer&service=s3&region=us-east-2',
    ],
    [
      'a region that is not suggested',
      { region: 'ap-southeast-9' },
      '/console?role=payments-dev/Developer&region=ap-southeast-9',
    ],
    [
      'empty fields, as a form sends them',
      { service: '', destination: '', region: '' },
      '/console?role=payments-dev/Developer',
    ],
  ];
  test.each(made)('makes one for %s, and it leads there', async (_, fields, link) => {
    const { reader, made } = await open({ role: roleArn, scope: 'role', ...fields });
    expect(made).toBe(base + link);
    const page = await reader.get(link, accept);
    expect(page.status).toBe(200);
    expect(page.text).toContain(`name="roleArn" value="${roleArn}"`);
    const wanted = fields['destination']?.trim();
    if (wanted) expect(page.text).toContain(wanted.replaceAll('&', '&amp;'));
  });

  const refused: [name: string, fields: Record<string, string>, words: string][] = [
    ['a role that is not theirs', { role: 'arn:aws:iam::111122223333:role/Owner' }, 'have access to this role'],
    ['an unknown service', { service: 'constructor' }, 'service does not exist'],
    ['a service and a place', { service: 's3', destination: '/ec2/home' }, 'not both'],
    ['another site', { destination: 'https://evil.example/' }, 'not on the AWS console'],
    ['another partition', { destination: 'https://console.amazonaws.cn/' }, 'not on the AWS console'],
    ['no region', { region: 'here' }, 'Enter the name of a region'],
    ['more than a sign-in keeps', { destination: `/${'é'.repeat(900)}` }, 'too long'],
  ];
  test.each(refused)('explains the problem with %s, and keeps the input', async (_, fields, words) => {
    const { page, made } = await open({ role: roleArn, ...fields });
    expect(page.status).toBe(200);
    expect(made).toBeUndefined();
    expect(page.text).toMatch(new RegExp(`<p role="alert">.*${words}.*</p>`));
    for (const text of Object.values(fields).filter((each) => !/constructor|arn:/.test(each)))
      expect(page.text).toContain(`value="${text}"`);
  });

  test('shows nothing but the form at first', async () => {
    const { page, made } = await open({});
    expect(made).toBeUndefined();
    expect(page.text).not.toContain('role="alert"');
    expect(page.text).toContain('<form class="fields" method="get" action="/links">');
    expect(page.text).toContain('href="/links" aria-current="page"');
  });

  test('offers Markdown and HTML that stay whole', async () => {
    const { page } = await open({ role: roleArn, destination: '/lambda/home?q=(x)' });
    expect(page.text).toContain(
      `[AWS console: Payments Development, Developer](${base}/console?role=payments-dev/Developer&amp;destination=/lambda/home%3Fq%3D%28x%29)`,
    );
    expect(page.text).toContain(
      `&lt;a href=&quot;${base}/console?role=payments-dev/Developer&amp;amp;destination=/lambda/home%3Fq%3D%28x%29&quot;&gt;AWS console: Payments Development, Developer&lt;/a&gt;`,
    );
  });

  test('says so to a person without roles', async () => {
    const { page } = await open({}, 'mallory');
    expect(page.text).toContain('no roles to create links for');
    expect(page.text).not.toContain('action="/links"');
  });

  test('shows hostile values as text', async () => {
    const { page } = await open({
      role: hostile,
      destination: hostile,
      region: hostile,
      service: hostile,
      scope: hostile,
    });
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('<img src=x');
    expect(page.text).not.toContain('<script>');
    expect(page.text).toContain('&lt;img src=x');
  });

  test('signs in first, and comes back as it was', async () => {
    const { browser } = await createApp();
    const alice = browser();
    const login = (await alice.get('/links?service=s3', accept)).get('Location')!;
    const answered = await alice.signIn('alice', login.slice(login.indexOf('?')));
    expect(answered.get('Location')).toBe('/links?service=s3');
    expect((await alice.get('/links?service=s3', accept)).text).toContain('<option value="s3" selected>');
  });
});
