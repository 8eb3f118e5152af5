// The rendered manifests: valid for the API server, closed where they should be, and in accord with the broker.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { createEmptyWorkplace, now, type Workplace } from '../config/support/workplace.ts';
import { keyPair } from '../support/key-pairs.ts';
import { type Manifest, renderOverlay } from './kustomize.ts';

const require = createRequire(import.meta.url);
const overlays = { production: renderOverlay('production'), development: renderOverlay('development') };
const LABELS = { 'app.kubernetes.io/name': 'rolegate', 'app.kubernetes.io/component': 'broker' };

function find(overlay: keyof typeof overlays, kind: string, name = 'rolegate'): Manifest {
  const found = overlays[overlay].find((each) => each.kind === kind && each.metadata.name === name);
  if (!found) throw new Error(`${overlay} has no ${kind} ${name}`);
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: the schema check below says what these have
const specOf = (manifest: Manifest): any => manifest['spec'];
const podOf = (overlay: keyof typeof overlays) => specOf(find(overlay, 'Deployment')).template.spec;

let workplace: Workplace;
beforeAll(() => {
  workplace = createEmptyWorkplace();
});
afterAll(() => workplace.remove());

/** What the types of Kubernetes's API say about the manifests: unknown, missing and wrong members. */
function complaintsAbout(manifests: readonly Manifest[]): string {
  const lines = manifests.map(({ apiVersion, kind, ...rest }, index) => {
    const models = require.resolve(`kubernetes-models/${apiVersion}`);
    const literal = JSON.stringify({ apiVersion, kind, ...rest }, null, 1);
    return `import type { I${kind} as T${index} } from '${models}';\nexport const m${index}: T${index} = ${literal};\n`;
  });
  workplace.write('manifests.mts', lines.join(''));
  const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc');
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--module', 'nodenext', '--types', ''];
  try {
    return execFileSync(process.execPath, [tsc, ...options, workplace.path('manifests.mts')], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe.each(['production', 'development'] as const)('the overlay %s', (overlay) => {
  test('has the members that the API knows, all that it asks for, and none beside them', () => {
    expect(complaintsAbout(overlays[overlay])).toBe('');
  });

  test.each(overlays[overlay].map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    '%s %s passes the schema of its kind',
    (kind, _, manifest) => {
      const { [kind]: Model } = require(`kubernetes-models/${manifest.apiVersion}`);
      expect(() => new Model(manifest).validate()).not.toThrow();
    },
  );

  test('gives each container no root, no capability, no new privilege and no writable root file system', () => {
    const pods = overlays[overlay]
      .filter(({ kind }) => kind === 'Deployment')
      .map((each) => specOf(each).template.spec);
    expect(pods.length).toBeGreaterThan(0);
    for (const pod of pods) {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.automountServiceAccountToken).toBe(false);
      for (const container of pod.containers)
        expect(container).toMatchObject({
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: { limits: { memory: expect.any(String) } },
        });
    }
  });

  test('asks the operations listener for health, and readiness alone for the store', () => {
    const [container] = podOf(overlay).containers;
    const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((name) => container[name].httpGet);
    expect(paths.map(({ path }) => path)).toEqual(['/livez', '/livez', '/readyz']);
    expect(new Set(paths.map(({ port }) => port))).toEqual(new Set(['operations']));
  });

  test('lets only the group of the broker read keys and secrets', () => {
    const pod = podOf(overlay);
    const secrets = pod.volumes.filter((volume: { secret?: object }) => volume.secret);
    expect(secrets.map(({ secret }: { secret: object }) => secret)).toEqual([
      { secretName: 'rolegate-keys', defaultMode: 0o440 },
      { secretName: 'rolegate-secrets', defaultMode: 0o440 },
    ]);
    expect(pod.securityContext).toMatchObject({ runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 });
    expect(pod.containers[0].volumeMounts.filter((mount: object) => 'subPath' in mount)).toEqual([]);
    expect(overlays[overlay].filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  test('selects the pods of the broker, and no others, in every object', () => {
    expect(specOf(find(overlay, 'Deployment')).template.metadata.labels).toEqual(LABELS);
    for (const kind of ['Deployment', 'PodDisruptionBudget'])
      expect(specOf(find(overlay, kind)).selector.matchLabels).toEqual(LABELS);
    for (const name of ['rolegate', 'rolegate-operations'])
      expect(specOf(find(overlay, 'Service', name)).selector).toEqual(LABELS);
    for (const name of ['rolegate', 'rolegate-neighbours'])
      expect(specOf(find(overlay, 'NetworkPolicy', name)).podSelector.matchLabels).toEqual(LABELS);
    for (const constraint of podOf(overlay).topologySpreadConstraints)
      expect(constraint.labelSelector.matchLabels).toEqual(LABELS);
  });

  test('lets the broker ask the DNS of the cluster, whose pods have their own labels', () => {
    const [dns] = specOf(find(overlay, 'NetworkPolicy')).egress;
    expect(dns.to[0].podSelector).toEqual({ matchLabels: { 'k8s-app': 'kube-dns' } });
  });

  test('leaves the number of replicas to the autoscaler', () => {
    expect(specOf(find(overlay, 'Deployment')).replicas).toBeUndefined();
    expect(specOf(find(overlay, 'HorizontalPodAutoscaler')).scaleTargetRef.name).toBe('rolegate');
  });

  test('has a configuration that the broker accepts from the folders as they are mounted', async () => {
    const { data } = find(overlay, 'ConfigMap', 'rolegate-config') as unknown as { data: Record<string, string> };
    const text = data['rolegate.yaml'] ?? '';
    // The mount points beside each other under /etc/rolegate, as ../keys and ../secrets expect them.
    const mounts = podOf(overlay).containers[0].volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    expect(mounts).toEqual(['config', 'keys', 'secrets'].map((name) => `/etc/rolegate/${name}`));
    for (const name of ['config', 'keys', 'secrets'])
      mkdirSync(workplace.path(`${overlay}/${name}`), { recursive: true });
    workplace.writePair(`${overlay}/keys/sp`, keyPair('sp-signing'));
    workplace.writePair(`${overlay}/keys/aws`, keyPair('minting'));
    workplace.write(`${overlay}/secrets/session-secret`, 'a secret that has more than thirty-two characters', 0o440);
    workplace.write(`${overlay}/secrets/redis-password`, 'a password of Redis', 0o440);
    const directory = workplace.path(`${overlay}/config`);
    const config = await parseConfig(text, { source: 'rolegate.yaml', directory, env: {}, now });
    expect(config.operations).toMatchObject({ host: '0.0.0.0', port: 8083 });
    expect(parse(text).listen).toMatchObject({ host: '0.0.0.0', port: 8080 });
  });
});

test('what a person may mistype does not pass', () => {
  const wrong = structuredClone(find('production', 'Deployment'));
  specOf(wrong).template.spec.containers[0].readynessProbe = {};
  expect(complaintsAbout([wrong])).toContain('readynessProbe');
});

test('production keeps three brokers, on several nodes, one away at a time', () => {
  expect(specOf(find('production', 'HorizontalPodAutoscaler')).minReplicas).toBeGreaterThanOrEqual(3);
  expect(specOf(find('production', 'PodDisruptionBudget')).maxUnavailable).toBe(1);
  expect(specOf(find('production', 'Deployment')).strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
  const keys = podOf('production').topologySpreadConstraints.map((each: { topologyKey: string }) => each.topologyKey);
  expect(keys).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
});

test('production lets in the ingress controller and monitoring alone, and the operations listener has no Ingress', () => {
  const allowed = ['rolegate', 'rolegate-neighbours'].flatMap(
    (name) => specOf(find('production', 'NetworkPolicy', name)).ingress,
  );
  expect(
    allowed.map(({ from, ports }) => [
      from[0].namespaceSelector.matchLabels['kubernetes.io/metadata.name'],
      ports[0].port,
    ]),
  ).toEqual([
    ['monitoring', 'operations'],
    ['ingress-nginx', 'http'],
  ]);
  const backends = overlays.production.filter(({ kind }) => kind === 'Ingress').map((each) => JSON.stringify(each));
  expect(backends.join()).not.toContain('operations');
});
