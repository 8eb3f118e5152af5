// AWS CLIs and SDKs of several ages: how each is fetched by its own package manager, and the command that asks who it is.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackDebian } from '../../test/support/parts/unpack-debian.mjs';

export interface Client {
  readonly name: string;
  /** Fetches and builds it in its folder, unless that was done before. @returns the command */
  readonly prepare: (folder: string) => readonly string[];
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const ask = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text', '--region', 'eu-west-1'];

const run = (cwd: string, command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });

function once(folder: string, prepare: () => void): void {
  const done = join(folder, 'prepared');
  if (existsSync(done)) return;
  mkdirSync(folder, { recursive: true });
  prepare();
  writeFileSync(done, '');
}

const python = (folder: string, ...requirements: string[]) =>
  once(folder, () => {
    run(folder, 'python3', '-m', 'venv', '.');
    run(folder, join(folder, 'bin/pip'), 'install', '-q', ...requirements);
  });

const boto3 = (version: string, ...more: string[]): Client => ({
  name: `boto3 ${version}`,
  prepare: (folder) => {
    python(folder, `boto3==${version}`, ...more);
    return [join(folder, 'bin/python'), program('who.py')];
  },
});

const go = (name: string, source: string, ...modules: string[]): Client => ({
  name,
  prepare: (folder) => {
    once(folder, () => {
      copyFileSync(program(source), join(folder, 'main.go'));
      if (!existsSync(join(folder, 'go.mod'))) run(folder, 'go', 'mod', 'init', 'who');
      run(folder, 'go', 'get', ...modules);
      run(folder, 'go', 'build', '-o', 'who', '.');
    });
    return [join(folder, 'who')];
  },
});

const java = (name: string, main: string, artifact: string): Client => ({
  name,
  prepare: (folder) => {
    const [groupId, artifactId, version] = artifact.split(':');
    once(folder, () => {
      const own = '<groupId>who</groupId><artifactId>who</artifactId><version>1</version>';
      const needed = `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`;
      const text = `<project><modelVersion>4.0.0</modelVersion>${own}<dependencies><dependency>${needed}</dependency></dependencies></project>`;
      writeFileSync(join(folder, 'pom.xml'), text);
      run(folder, 'mvn', '-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib');
      run(folder, 'javac', '-cp', 'lib/*', '-d', 'classes', program(`${main}.java`));
    });
    return ['java', '-cp', `${join(folder, 'classes')}:${join(folder, 'lib')}/*`, main];
  },
});

/** Debian 12's, with its libraries: it runs with the system's Python 3.11. */
const cli2Packages =
  'awscli python3-awscrt python3-pyasn1 python3-colorama python3-cryptography python3-cffi-backend python3-dateutil python3-distro python3-docutils python3-roman python3-jmespath python3-prompt-toolkit python3-wcwidth python3-ruamel.yaml python3-ruamel.yaml.clib python3-urllib3 python3-six';

export const clients: readonly Client[] = [
  {
    name: 'AWS CLI 1.46.2',
    prepare: (folder) => {
      python(folder, 'awscli==1.46.2');
      return [join(folder, 'bin/aws'), ...ask];
    },
  },
  {
    name: 'AWS CLI 2.9.19',
    prepare: (folder) => {
      const isUsable = () => existsSync(join(folder, 'usr/bin/aws'));
      if (!isUsable()) unpackDebian({ packages: cli2Packages.split(' '), folder, isUsable });
      return ['/usr/bin/python3', join(folder, 'usr/bin/aws'), ...ask];
    },
    env: (folder) => ({ PYTHONPATH: join(folder, 'usr/lib/python3/dist-packages') }),
  },
  boto3('1.17.112', 'urllib3<1.27'),
  boto3('1.44.5'),
  go('aws-sdk-go 1.44.327', 'go-v1.go', 'github.com/aws/aws-sdk-go@v1.44.327'),
  go('aws-sdk-go 1.55.8', 'go-v1.go', 'github.com/aws/aws-sdk-go@v1.55.8'),
  ...(
    [
      ['1.18.45', '1.23.2'],
      ['1.33.18', '1.52.0'],
    ] as const
  ).map(([config, sts]) =>
    go(
      `aws-sdk-go-v2 (config ${config})`,
      'go-v2.go',
      `github.com/aws/aws-sdk-go-v2/config@v${config}`,
      `github.com/aws/aws-sdk-go-v2/service/sts@v${sts}`,
    ),
  ),
  java('aws-sdk-java 1.11.1034', 'JavaV1', 'com.amazonaws:aws-java-sdk-sts:1.11.1034'),
  java('aws-sdk-java 1.12.780', 'JavaV1', 'com.amazonaws:aws-java-sdk-sts:1.12.780'),
  java('aws-sdk-java-v2 2.17.290', 'JavaV2', 'software.amazon.awssdk:sts:2.17.290'),
  java('aws-sdk-java-v2 2.57.8', 'JavaV2', 'software.amazon.awssdk:sts:2.57.8'),
];

/** Name of a client's folder. */
export const folderOf = ({ name }: Client) => name.replace(/[^\w.]+/g, '-');
