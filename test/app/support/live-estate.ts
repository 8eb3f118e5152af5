// Two broker processes on one Redis, with a configuration that changes as the kubelet changes a volume, and what they record.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { type Adfs, startAdfs } from '../../../emulators/adfs/server.ts';
import { people } from '../../../examples/demo/company.ts';
import { sampleConfig } from '../../../examples/demo/start.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser/http-browser.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { freeConsecutivePorts } from '../../support/ports.ts';
import { type BrokerProcess, type LoadBalancer, startBrokerProcess, startLoadBalancer } from './processes.ts';
import { signIn } from './sign-in.ts';

export type Sections = Record<string, unknown>;

export interface LiveEstate {
  readonly directory: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly brokerUrl: string;
  /** The emulator of AWS belongs there; the estate does not start it. */
  readonly awsPort: number;
  readonly adfs: Adfs;
  readonly balancer: LoadBalancer;
  readonly processes: readonly [BrokerProcess, BrokerProcess];
  /** What it was at the start. */
  readonly config: Config;
  readonly sections: Sections;
  /** As the kubelet updates a volume: a new folder, then `..data` leads there in one step. */
  swap(value: Sections, teams?: Sections): void;
  /** What both processes have recorded. */
  events(...names: string[]): Sections[];
  /** Both processes have recorded the event; of several, one that is about this. */
  outcome(event: string, act: () => void, about?: string): Promise<Sections>;
  /** Ends with `closeBrowsers`. */
  browser(): HttpBrowser;
  /** At the first process. */
  signedIn(user: string): Promise<HttpBrowser>;
  /** Roles as `account/role`, or the status of the answer. */
  rolesOn(broker: BrokerProcess, browser: HttpBrowser): Promise<string[] | number>;
  closeBrowsers(): void;
  close(): Promise<void>;
}

/** @param adjust changes the sample company's configuration */
export async function startLiveEstate(
  redisUrl: string,
  adjust: (sections: Sections) => Sections = (sections) => sections,
): Promise<LiveEstate> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-live-'));
  const file = join(directory, 'rolegate.yaml');
  const env = { SESSION_SECRET: 'a secret of the tests, 32 characters and more' };
  const port = await freeConsecutivePorts(4);
  const brokerUrl = `http://127.0.0.1:${port}`;
  const adfs = await startAdfs({
    port: port + 1,
    now: systemClock.now,
    users: people,
    relyingParties: [],
    signing: keyPair('idp-signing'),
    encryption: keyPair('idp-encryption'),
    loopDetection: false,
  });
  const sections = adjust(sectionsFor(port, redisUrl));
  const swap = createSwap(directory, adfs);
  swap(sections);
  symlinkSync('..data/rolegate.yaml', file);
  const config = await loadConfig(file, env, systemClock.now());
  const { entityId, signing } = config.serviceProvider;
  adfs.setRelyingParties([{ entityId, acsUrl: config.acsUrl, signingCertificates: [signing!.certificate] }]);
  const balancer = await startLoadBalancer(port);
  const processes = await Promise.all([startBrokerProcess(file, env), startBrokerProcess(file, env)]);
  const browsers: HttpBrowser[] = [];
  const browser = () => {
    browsers.push(createHttpBrowser());
    return browsers.at(-1)!;
  };
  return {
    ...{
      directory,
      file,
      env,
      brokerUrl,
      awsPort: port + 2,
      adfs,
      balancer,
      processes,
      config,
      sections,
      swap,
      browser,
    },
    ...createRecords(join(directory, 'audit.jsonl')),
    signedIn: async (user) => {
      const http = browser();
      await balancer.sendTo(processes[0].port);
      await signIn(http, brokerUrl, user);
      return http;
    },
    rolesOn: async (broker, http) => {
      await balancer.sendTo(broker.port);
      const answer = await http.get(`${brokerUrl}/api/v1/roles`);
      if (answer.status !== 200) return answer.status;
      const { roles } = JSON.parse(answer.body) as { roles: { accountAlias: string; roleName: string }[] };
      return roles.map(({ accountAlias, roleName }) => `${accountAlias}/${roleName}`);
    },
    closeBrowsers: () => {
      for (const each of browsers.splice(0)) each.close();
    },
    close: async () => {
      await Promise.all([...processes.map((each) => each.stop()), adfs.close(), balancer.close()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function sectionsFor(port: number, redisUrl: string): Sections {
  const idp = { id: 'adfs', label: 'Corporate sign-in', metadata: { file: 'idp-metadata.xml' } };
  const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
  const attributes = { user: `${claims}/upn`, groups: 'http://schemas.xmlsoap.org/claims/Group' };
  return {
    ...sampleConfig({ port, redisUrl }),
    listen: { port: 0 },
    operations: { port: 0 },
    store: { type: 'redis', url: redisUrl, keyPrefix: `live-${port}:` },
    identityProviders: [{ ...idp, attributes }],
    audit: { type: 'file', path: 'audit.jsonl' },
    log: { level: 'error' },
    include: ['teams-*.yaml'],
  };
}

function createSwap(directory: string, adfs: Adfs): LiveEstate['swap'] {
  let swaps = 0;
  return (value, teams = {}) => {
    const folder = `..2026_${++swaps}`;
    mkdirSync(join(directory, folder), { mode: 0o755 });
    writeFileSync(join(directory, folder, 'rolegate.yaml'), stringify(value));
    writeFileSync(join(directory, folder, 'teams-a.yaml'), stringify(teams));
    if (swaps === 1) symlinkSync('..data/teams-a.yaml', join(directory, 'teams-a.yaml'));
    writeFileSync(join(directory, 'idp-metadata.xml'), adfs.metadata());
    symlinkSync(folder, join(directory, '..tmp'));
    renameSync(join(directory, '..tmp'), join(directory, '..data'));
  };
}

function createRecords(file: string): Pick<LiveEstate, 'events' | 'outcome'> {
  const events = (...names: string[]): Sections[] => {
    if (!readdirSync(join(file, '..')).includes('audit.jsonl')) return [];
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line): Sections => JSON.parse(line)).filter(({ event }) => names.includes(String(event)));
  };
  return {
    events,
    outcome: async (event, act, about = '') => {
      const before = events(event).length;
      act();
      const since = () =>
        events(event)
          .slice(before)
          .filter((each) => JSON.stringify(each).includes(about));
      await expect.poll(() => new Set(since().map(({ chain }) => chain)).size, { timeout: 30_000 }).toBe(2);
      return since().at(-1)!;
    },
  };
}
