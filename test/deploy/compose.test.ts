// What Dockerfile and docker-compose.yml promise to operators.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');

interface Service {
  image?: string;
  build?: { context: string; target: string };
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  networks: string[] | Record<string, { ipv4_address: string }>;
  profiles?: string[];
  user: string;
  read_only: boolean;
  tmpfs: string[];
  cap_drop: string[];
  security_opt: string[];
}
interface Compose {
  services: { proxy: Service; 'broker-1': Service; 'broker-2': Service; redis: Service; demo: Service };
  networks: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } }>;
}
interface Stage {
  name: string;
  from: string;
  lines: string[];
}

/** The stages of the Dockerfile with the build argument's default; continued lines are joined and comments dropped. */
function readStages(): Stage[] {
  const lines = read('Dockerfile')
    .replaceAll(['$', '{NODE_IMAGE}'].join(''), 'node')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('#'));
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, from, name] = /^FROM (\S+) AS (\S+)$/.exec(line) ?? [];
    if (from !== undefined && name !== undefined) stages.push({ from, name, lines: [] });
    else stages.at(-1)?.lines.push(line);
  }
  return stages;
}

/** A stage and all it is built upon. */
function linesUpTo(name: string, stages: Stage[]): string[] {
  const stage = stages.find((one) => one.name === name);
  return stage ? [...linesUpTo(stage.from, stages), ...stage.lines] : [];
}

describe('Dockerfile', () => {
  const stages = readStages();
  const last = stages.at(-1);
  const starting = (word: string) => last?.lines.filter((line) => line.startsWith(`${word} `)) ?? [];

  test('makes the broker when no target is named, from a Node pinned by digest that a build argument can replace', () => {
    expect(last?.name).toBe('broker');
    const images = stages.map((stage) => stage.from).filter((from) => !stages.some((stage) => stage.name === from));
    expect(images).toHaveLength(1);
    expect(images[0]).toMatch(/^node:24-bookworm-slim@sha256:[0-9a-f]{64}$/);
    expect(read('Dockerfile')).toMatch(/^ARG NODE_IMAGE=node$/m);
  });

  test('has its digest in a line that Dependabot reads, and Dependabot looks', () => {
    expect(read('Dockerfile')).toMatch(/^FROM node:24-bookworm-slim@sha256:[0-9a-f]{64} AS node$/m);
    const { updates } = parse(read('.github/dependabot.yml'));
    expect(updates).toContainEqual(expect.objectContaining({ 'package-ecosystem': 'docker', directory: '/' }));
  });

  test('puts the compiled product and production dependencies into the broker, and nothing else', () => {
    expect(last?.from).toBe('node');
    expect(starting('COPY')).toEqual([
      'COPY --from=dependencies /app/node_modules node_modules',
      'COPY --from=build /app/dist dist',
      'COPY package.json LICENSE ./',
    ]);
    expect(starting('RUN')).toEqual([]);
    expect(linesUpTo('dependencies', stages).filter((line) => line.startsWith('RUN'))).toEqual([
      'RUN npm ci --omit=dev',
    ]);
    expect(linesUpTo('build', stages).join('\n')).not.toMatch(/COPY[^\n]*(test|examples|\s\.\s)/);
  });

  test('keeps emulators and the sample company to the demo stage', () => {
    const withTests = stages.filter((stage) => stage.lines.some((line) => /COPY.*(test|examples)/.test(line)));
    expect(withTests.map((stage) => stage.name)).toEqual(['demo']);
  });

  test('never runs as root, and names its user by number', () => {
    for (const name of ['broker', 'demo']) {
      const users = linesUpTo(name, stages).filter((line) => line.startsWith('USER'));
      expect(users, name).toEqual(['USER 1000:1000']);
    }
  });

  test('starts the server without a shell, exposes both listeners and asks the operations listener for its health', () => {
    expect(starting('ENTRYPOINT')).toEqual(['ENTRYPOINT ["node", "dist/server.js"]']);
    expect(starting('CMD')).toEqual(['CMD ["start", "--config", "/etc/rolegate/rolegate.yaml"]']);
    expect(starting('EXPOSE')).toEqual(['EXPOSE 8080 8083']);
    expect(starting('HEALTHCHECK').join()).toMatch(/CMD \["node", "-e", "fetch\(process\.env\.ROLEGATE_LIVEZ_URL/);
    expect(starting('ENV')).toContain('ENV ROLEGATE_LIVEZ_URL=http://127.0.0.1:8083/livez');
  });

  test('is given an allow-list of files, with no key among them', () => {
    const patterns = read('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(patterns[0]).toBe('*');
    expect(patterns).toEqual(expect.arrayContaining(['**/*.key', '**/*.pem', '**/.env*']));
    expect(patterns.filter((pattern) => /^!(certs|config|\.git|node_modules|test$)/.test(pattern))).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  const compose: Compose = parse(read('docker-compose.yml'));
  const { proxy, 'broker-1': broker, redis, demo } = compose.services;

  test('has no top-level name, which the older docker-compose refuses', () => {
    expect(Object.keys(compose).sort()).toEqual(['networks', 'services']);
  });

  test('refuses to start without a secret', () => {
    expect(broker.environment?.['SESSION_SECRET']).toMatch(/^\$\{SESSION_SECRET:\?.+\}$/);
  });

  test('publishes on loopback only, and Redis not at all', () => {
    expect(redis.ports).toBeUndefined();
    expect(redis.networks).toEqual(['store']);
    expect(compose.networks['store']).toEqual({ internal: true });
    expect(broker.ports).toBeUndefined();
    expect(proxy.ports).toEqual(['127.0.0.1:8080:8080']);
    expect(demo.ports).toEqual([8080, 8081, 8082, 8083].map((port) => `127.0.0.1:${port}:${port}`));
  });

  test('has two brokers that differ in nothing, and a proxy that can reach them but not Redis', () => {
    expect(compose.services['broker-2']).toEqual(broker);
    expect(broker.networks).toEqual(['front', 'store']);
    expect(proxy.networks).toEqual({ front: { ipv4_address: '172.30.91.10' } });
    expect(compose.networks['front']?.ipam?.config).toEqual([{ subnet: '172.30.91.0/24' }]);
    expect(parse(read('config/compose.yaml')).listen.trustProxy).toEqual(['172.30.91.10']);
  });

  test('starts the demo only when its profile is asked for', () => {
    expect(demo).toMatchObject({ profiles: ['demo'], build: { target: 'demo' } });
    expect(broker.profiles).toBeUndefined();
    expect(broker.build?.target).toBe('broker');
  });

  test('mounts configuration and keys read-only, beside each other as in the checkout', () => {
    expect(broker.volumes).toEqual(['./config:/etc/rolegate/config:ro', './certs:/etc/rolegate/certs:ro']);
    expect(broker.command).toEqual(['start', '--config', '/etc/rolegate/config/compose.yaml']);
  });

  test('goes with config/compose.yaml: same ports, same Redis, keys where they are mounted', () => {
    const config = parse(read('config/compose.yaml'));
    expect(config).toMatchObject({
      listen: { host: '0.0.0.0', port: 8080 },
      operations: { host: '0.0.0.0', port: 8083 },
      store: { type: 'redis', url: 'redis://redis:6379' },
    });
    expect(config.session.secrets.join()).toBe(['$', '{SESSION_SECRET}'].join(''));
    expect(config.aws.signing.key).toMatch(/^\.\.\/certs\//);
  });

  test('never lets Redis evict a session or a replay mark, or write one to disk', () => {
    const command = redis.command?.join(' ') ?? '';
    expect(command).toContain('--maxmemory-policy noeviction');
    expect(command).toContain('--save  --appendonly no');
    expect(redis.volumes).toBeUndefined();
  });

  for (const [name, service] of Object.entries(compose.services)) {
    test(`gives ${name} no root, no capability, no new privilege and no writable root file system`, () => {
      expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
      expect(service.read_only).toBe(true);
      expect(service.tmpfs).toContain('/tmp');
    });
  }
});
