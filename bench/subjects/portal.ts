// Subject `portal`: the page and the API's list for a user with few and with thousands of roles, CPU and bytes; and, where a
// Chromium is installed, what the person who opens the page waits for.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { largeEstate, roleNames } from '../large-estate.ts';
import { type Reply, request } from '../lib/http.ts';
import { groupNames } from '../lib/idp.ts';
import { measureRequests } from '../lib/measure-requests.ts';
import { freePort, startOwn } from '../lib/processes.ts';
import { chartOf, number, spread, times } from '../lib/report.ts';
import { type Rolegate, startRolegate } from '../lib/rolegate.ts';
import { interleave, type Measured, median, ratio } from '../lib/rounds.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';
import { type BrowserFigures, measureInBrowser } from './portal-browser.ts';

const sizes = [
  { accounts: 2, requests: 60 },
  { accounts: 1000, requests: 6 },
];

interface Result {
  readonly label: string;
  readonly server: readonly { readonly measured: Measured; readonly kilobytes: number }[];
  readonly browser: BrowserFigures | undefined;
}

export const portal: Subject = { name: 'portal', title: 'Portal and list of roles', run };

async function run(bench: Bench): Promise<Section> {
  const results: Result[] = [];
  for (const { accounts, requests } of sizes) {
    const label = `${(accounts * roleNames.length).toLocaleString('en')} roles`;
    bench.say(`  ${label}`);
    const rolegate = await startRolegate(bench, { config: largeEstate(accounts, groupNames(1)[0]) });
    try {
      const cookie = await rolegate.signIn(10);
      const server = await measureServer(bench, rolegate, cookie, requests);
      results.push({ label, server, browser: await measureInBrowser(bench, rolegate.url, cookie) });
    } finally {
      await rolegate.close();
    }
  }
  const columns = results.map(({ label, server }) => ({ label, measured: server.map(({ measured }) => measured) }));
  const names = columns[0]!.measured.map(({ name }) => name);
  const serverTable = {
    head: ['Request, gzip offered', ...results.flatMap(({ label }) => [`${label}, ms CPU`, '× floor', 'KB sent'])],
    rows: names.map((name, row) => [
      name.startsWith('floor') ? name : `**${name}**`,
      ...results.flatMap(({ server }) => {
        const { measured, kilobytes } = server[row]!;
        return [spread(measured), times(ratio(measured, server[0]!.measured)), number(kilobytes)];
      }),
    ]),
  };
  const [few, many] = [results[0]!, results[1]!];
  const page = many.server.find(({ measured }) => measured.name === 'GET /')!;
  const figures = [
    { name: `GET /, ${many.label}: CPU`, value: median(page.measured.values), limit: 20, unit: ' ms' },
    { name: `GET /, ${many.label}: sent`, value: page.kilobytes, limit: 150, unit: ' KB' },
  ];
  if (!few.browser || !many.browser) {
    return { tables: [serverTable], figures, notes: ['In the browser: skipped, no Chromium is installed.'] };
  }
  const row = (name: string, key: keyof typeof few.browser) => {
    const [a, b] = [few.browser![key], many.browser![key]];
    return [name, number(a), number(b), times(b / a)];
  };
  const browserTable = {
    head: ['In Chromium', few.label, many.label, 'ratio'],
    rows: [
      row('sent for the page, KB', 'kilobytes'),
      row('from request to answering, ms', 'interactiveMs'),
      row('a key in the search field, ms, slowest of 7 texts', 'keyMs'),
    ],
  };
  return {
    tables: [serverTable, browserTable],
    charts: [chartOf('portal', 'CPU for the portal and the list of roles', 'ms', columns)],
    figures: [
      ...figures,
      { name: `a key in the search field, ${many.label}`, value: many.browser.keyMs, limit: 50, unit: ' ms' },
    ],
  };
}

async function measureServer(bench: Bench, rolegate: Rolegate, cookie: string, count: number) {
  const headers = { cookie, 'accept-encoding': 'gzip' };
  const get =
    (path: string, more = {}) =>
    () =>
      request(`${rolegate.url}${path}`, { headers: { ...headers, ...more } });
  const page = await get('/')();
  const floor = await startFloor(bench, page);
  const own = [rolegate.program.pid];
  const targets = [
    { name: 'floor: the same page from memory', pids: [floor.pid], send: () => request(floor.url) },
    { name: 'GET /', pids: own, send: get('/') },
    { name: 'GET /api/v1/roles', pids: own, send: get('/api/v1/roles') },
    {
      name: 'GET /api/v1/roles, one found',
      pids: own,
      send: get(`/api/v1/roles?role=${roleNames[0]}&account=team-1-dev`),
    },
  ];
  for (const path of ['/', '/api/v1/roles']) {
    const { etag } = (await get(path)()).headers;
    if (etag)
      targets.push({ name: `GET ${path}, If-None-Match`, pids: own, send: get(path, { 'if-none-match': etag }) });
  }
  const measure = (target: (typeof targets)[number], times: number) =>
    measureRequests({
      ...target,
      make: async () => Array.from({ length: times }, () => target.send),
      isGood: ({ status }) => status === 200 || status === 304,
    });
  try {
    const bytes: number[] = [];
    for (const target of targets) bytes.push((await measure(target, count * 3)).replies[0]!.body.length);
    const candidates = targets.map((target) => ({
      name: target.name,
      measure: async () => (await measure(target, count)).ms,
    }));
    const measured = await interleave(candidates, bench.rounds);
    return measured.map((each, index) => ({ measured: each, kilobytes: bytes[index]! / 1024 }));
  } finally {
    await floor.stop();
  }
}

async function startFloor(bench: Bench, page: Reply) {
  const folder = bench.folder('static-page');
  const file = join(folder, 'page');
  writeFileSync(file, page.headers['content-encoding'] === 'gzip' ? gunzipSync(page.body) : page.body);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const program = await startOwn('static-page', {
    args: [String(port), file],
    logFile: join(folder, 'log'),
    readyUrl: url,
  });
  return { url, pid: program.pid, stop: program.stop };
}
