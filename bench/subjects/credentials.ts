// Subject `credentials`: POST /api/v1/credentials, with the AWS emulator as STS, against the floor of the same work.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startAws } from '../../emulators/aws/server.ts';
import { systemClock } from '../../src/clock.ts';
import { type Reply, request } from '../lib/http.ts';
import { measureRequests } from '../lib/measure-requests.ts';
import { freePort, startOwn } from '../lib/processes.ts';
import { chartOf, cpuTable, noiseNotes, ratioOf } from '../lib/report.ts';
import { accountId, providerName, roleArn, startRolegate } from '../lib/rolegate.ts';
import { interleave } from '../lib/rounds.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';

const requests = 60;
/** Until then V8 still compiles. */
const warmUpRequests = 4000;

export const credentials: Subject = { name: 'credentials', title: 'Issuing credentials', run };

async function run(bench: Bench): Promise<Section> {
  let metadata = '';
  const aws = await startAws({ now: systemClock.now, estate: () => ({ accounts: [account(metadata)] }) });
  const sts = await startResponder();
  const rolegate = await startRolegate(bench, { awsUrl: aws.url });
  const floor = await startFloor(bench, sts.url);
  try {
    metadata = (await request(`${rolegate.url}/aws/saml-metadata.xml`)).body.toString();
    const cookie = await rolegate.signIn(10);
    const headers = { cookie, origin: rolegate.url, 'content-type': 'application/json' };
    const issue = () =>
      request(`${rolegate.url}/api/v1/credentials`, { method: 'POST', headers, body: JSON.stringify({ roleArn }) });
    const me = () => request(`${rolegate.url}/api/v1/me`, { headers });
    const targets = [
      { name: 'floor', pid: floor.pid, send: () => request(floor.url, { method: 'POST', body: '{}' }) },
      { name: 'Rolegate', pid: rolegate.program.pid, send: issue },
      { name: 'Rolegate, GET /api/v1/me', pid: rolegate.program.pid, send: me },
    ];
    const candidates = targets.map(({ name, pid, send }) => ({
      name,
      measure: (count = requests) => measure(name, pid, send, count),
    }));
    for (const candidate of candidates) await candidate.measure(warmUpRequests);
    const measured = await interleave(
      candidates.map(({ name, measure: once }) => ({ name, measure: () => once() })),
      bench.rounds,
    );
    const column = { label: 'POST /api/v1/credentials', measured };
    return {
      tables: [cpuTable([column], { unit: 'ms', own: 'Rolegate' })],
      charts: [chartOf('credentials', 'CPU for issuing credentials', 'ms', [column])],
      figures: [
        {
          name: 'credentials: Rolegate ÷ floor (one GET, one signature, one POST)',
          value: ratioOf(column, 'Rolegate', 'floor'),
          limit: 2.5,
        },
      ],
      notes: noiseNotes([column]),
    };
  } finally {
    await Promise.all([rolegate.close(), floor.stop(), aws.close(), sts.close()]);
  }
}

async function measure(name: string, pid: number, send: () => Promise<Reply>, count: number): Promise<number> {
  const make = async () => Array.from({ length: count }, () => send);
  return (await measureRequests({ name, pids: [pid], make, isGood: ({ status }) => status === 200 })).ms;
}

function account(metadata: string) {
  const principal = { Federated: `arn:aws:iam::${accountId}:saml-provider/${providerName}` };
  const action = ['sts:AssumeRoleWithSAML', 'sts:SetSourceIdentity', 'sts:TagSession'];
  const statement = { Effect: 'Allow', Principal: principal, Action: action };
  const trustPolicy = { Version: '2012-10-17', Statement: [statement] };
  return {
    ...{ id: accountId, alias: 'payments', name: 'Payments' },
    samlProviders: { [providerName]: metadata },
    roles: [{ name: 'Developer', maxSessionDuration: 43_200, trustPolicy }],
  };
}

async function startFloor(bench: Bench, stsUrl: string) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const program = await startOwn('floor-credentials', {
    args: [String(port), bench.redisUrl, bench.spKeys.key, stsUrl],
    logFile: join(bench.folder('floor-credentials'), 'log'),
    readyUrl: url,
  });
  return { url, pid: program.pid, stop: program.stop };
}

/** An STS without any work: the floor waits for an answer as long as the emulator's and does not pay for it. */
async function startResponder() {
  const answer = 'x'.repeat(2500);
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => response.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}
