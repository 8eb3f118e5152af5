// SimpleSAMLphp as an identity provider: Debian's code in PHP's own web server on a free port, with a configuration of
// its own in a temporary directory. Its service providers may change while it runs: it reads them at every request.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../src/config/config.ts';
import { type KeyPair, makeKeyPair } from '../../emulators/keys.ts';
import { phpPath, simpleSamlPhpFolder } from '../../support/parts.ts';
import { freePort } from '../../support/ports.ts';

const READY_WITHIN_MILLISECONDS = 30_000;
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

/** As AD FS names itself: an http address that nobody calls. */
export const sspEntityId = 'http://sts.corp.example.com/adfs/services/trust';

/** Attribute values by attribute name. */
export type SspAttributes = Readonly<Record<string, readonly string[]>>;

export interface SspUser {
  readonly name: string;
  readonly password: string;
  readonly attributes: SspAttributes;
}

/** What SimpleSAMLphp knows of one service provider. */
export interface SspServiceProvider {
  readonly acsUrl: string;
  readonly signResponse: boolean;
  readonly signAssertion: boolean;
  /** PEM; the certificate its requests must be signed with. Undefined: they need not be. */
  readonly requestSigner?: string | undefined;
  /** PEM and the cipher's URI. */
  readonly encryption?: { readonly certificate: string; readonly cipher: string } | undefined;
  /** Where logout messages go; PEM of the certificate they are signed with. */
  readonly logout?: { readonly url: string; readonly certificate: string } | undefined;
}

export interface SimpleSamlPhp {
  /** `http://localhost:…`, so that it is another site than a broker on 127.0.0.1. */
  readonly url: string;
  readonly signing: KeyPair;
  readonly metadata: string;
  /** Replaces what is known of this entity. */
  trust(entityId: string, serviceProvider: SspServiceProvider): void;
  /** Lets it read a service provider's own metadata instead, with its own parser. */
  trustMetadata(xml: string): void;
  /** What it and PHP have logged. */
  log(): string;
  stop(): Promise<void>;
}

/** @throws Error with what PHP said when it does not answer in time */
export async function startSimpleSamlPhp(users: readonly SspUser[], userIdAttribute: string): Promise<SimpleSamlPhp> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-ssp-'));
  const signing = await makeKeyPair('ADFS Signing - sts.corp.example.com');
  writeTree(directory, url, signing, users, userIdAttribute);
  const serviceProviders: Record<string, unknown> = {};
  const php = startPhp(directory, port);
  const log = () => ['php.log', 'log/simplesamlphp.log'].map((file) => readIfThere(join(directory, file))).join('\n');
  const metadata = await firstAnswer(`${url}/saml2/idp/metadata.php`, php, log);
  return {
    url,
    signing,
    metadata,
    log,
    trust: (entityId, serviceProvider) => {
      serviceProviders[entityId] = remoteServiceProvider(serviceProvider);
      writeJson(directory, 'metadata/saml20-sp-remote', serviceProviders);
      writeFileSync(join(directory, 'cipher'), serviceProvider.encryption?.cipher ?? '');
    },
    trustMetadata: (xml) => {
      const file = join(directory, 'metadata/service-provider.xml');
      writeFileSync(file, xml);
      const sources = [{ type: 'flatfile' }, { type: 'xml', file }];
      writeJson(directory, 'config/config', { ...mainConfiguration(directory, url), 'metadata.sources': sources });
    },
    stop: async () => {
      await php.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Makes a broker known. */
export function trustBroker(ssp: SimpleSamlPhp, config: Config, trusted: Partial<SspServiceProvider>): void {
  const usual = { acsUrl: config.acsUrl, signResponse: false, signAssertion: true };
  ssp.trust(config.serviceProvider.entityId, { ...usual, ...trusted });
}

/** PHP files that read JSON: nothing has to be escaped for PHP. */
function writeTree(directory: string, url: string, signing: KeyPair, users: readonly SspUser[], userId: string): void {
  for (const name of ['config', 'metadata', 'cert', 'data', 'log', 'tmp']) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'cert/idp.pem'), signing.key, { mode: 0o600 });
  writeFileSync(join(directory, 'cert/idp.crt'), signing.cert);
  for (const [name, variable] of [
    ['config/config', 'config'],
    ['config/authsources', 'config'],
    ['metadata/saml20-idp-hosted', 'metadata'],
    ['metadata/saml20-sp-remote', 'metadata'],
  ]) {
    const file = `'${join(directory, `${name}.json`)}'`;
    writeFileSync(
      join(directory, `${name}.php`),
      `<?php $${variable} = json_decode(file_get_contents(${file}), true);\n`,
    );
  }
  writeCipherChoice(directory);
  writeJson(directory, 'config/config', mainConfiguration(directory, url));
  writeJson(directory, 'config/authsources', { people: authenticationSource(users) });
  writeJson(directory, 'metadata/saml20-idp-hosted', { [sspEntityId]: hostedIdp(userId) });
  writeJson(directory, 'metadata/saml20-sp-remote', {});
}

// This version encrypts with AES-128-CBC whatever it is configured to. The one expression that names the cipher is replaced
// in a copy of the class; the encryption is SimpleSAMLphp's.
function writeCipherChoice(directory: string): void {
  const vendor = join(simpleSamlPhpFolder(), 'vendor');
  const source = readFileSync(join(vendor, 'simplesamlphp/saml2/src/SAML2/EncryptedAssertion.php'), 'utf8');
  const parts = source.split('new XMLSecurityKey(XMLSecurityKey::AES128_CBC)');
  if (parts.length !== 2) throw new Error('this SimpleSAMLphp names its cipher elsewhere');
  const copy = join(directory, 'EncryptedAssertion.php');
  writeFileSync(copy, parts.join(`new XMLSecurityKey(file_get_contents('${join(directory, 'cipher')}'))`));
  const loader = `function ($class) { if ($class === 'SAML2\\EncryptedAssertion') require '${copy}'; }`;
  writeFileSync(
    join(directory, 'prepend.php'),
    `<?php require_once '${vendor}/autoload.php'; spl_autoload_register(${loader}, true, true);\n`,
  );
}

function mainConfiguration(directory: string, url: string): Record<string, unknown> {
  return {
    baseurlpath: `${url}/`,
    certdir: `${directory}/cert/`,
    loggingdir: `${directory}/log/`,
    datadir: `${directory}/data/`,
    tempdir: `${directory}/tmp/`,
    metadatadir: `${directory}/metadata/`,
    secretsalt: 'a salt for tests',
    'auth.adminpassword': 'a password for tests',
    timezone: 'UTC',
    'admin.checkforupdates': false,
    'enable.saml20-idp': true,
    'module.enable': { exampleauth: true, core: true, saml: true },
    'store.type': 'phpsession',
    'session.phpsession.savepath': `${directory}/tmp`,
    // The defaults, Secure with SameSite=None, are kept by no browser from http.
    'session.cookie.secure': false,
    'session.cookie.samesite': null,
    'language.cookie.secure': false,
    'language.cookie.samesite': null,
    'logging.handler': 'file',
    'logging.level': 6,
    'metadata.sources': [{ type: 'flatfile' }],
    'authproc.idp': [],
  };
}

function authenticationSource(users: readonly SspUser[]): Record<string, unknown> {
  const people = users.map(({ name, password, attributes }) => [`${name}:${password}`, attributes]);
  return { 0: 'exampleauth:UserPass', ...Object.fromEntries(people) };
}

function hostedIdp(userIdAttribute: string): Record<string, unknown> {
  return {
    host: '__DEFAULT__',
    privatekey: 'idp.pem',
    certificate: 'idp.crt',
    auth: 'people',
    'signature.algorithm': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'sign.logout': true,
    'redirect.sign': true,
    'attributes.NameFormat': 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
    NameIDFormat: UNSPECIFIED,
    authproc: {
      10: {
        class: 'saml:AttributeNameID',
        attribute: userIdAttribute,
        identifyingAttribute: userIdAttribute,
        Format: UNSPECIFIED,
      },
    },
  };
}

function remoteServiceProvider(trusted: SspServiceProvider): Record<string, unknown> {
  const { acsUrl, signResponse, signAssertion, requestSigner, encryption, logout } = trusted;
  const signers = [requestSigner, logout?.certificate].filter((certificate) => certificate !== undefined);
  return {
    AssertionConsumerService: [{ Binding: POST, Location: acsUrl, index: 0 }],
    SingleLogoutService: logout ? [{ Binding: REDIRECT, Location: logout.url }] : [],
    NameIDFormat: UNSPECIFIED,
    'saml20.sign.response': signResponse,
    'saml20.sign.assertion': signAssertion,
    keys: [
      ...[...new Set(signers)].map((certificate) => certificateKey(certificate, 'signing')),
      ...(encryption ? [certificateKey(encryption.certificate, 'encryption')] : []),
    ],
    'validate.authnrequest': requestSigner !== undefined,
    'validate.logout': logout !== undefined,
    'assertion.encryption': encryption !== undefined,
  };
}

function certificateKey(certificate: string, use: 'signing' | 'encryption'): Record<string, unknown> {
  return {
    type: 'X509Certificate',
    X509Certificate: certificate.replace(/-----[^-]+-----|\s/g, ''),
    signing: use === 'signing',
    encryption: use === 'encryption',
  };
}

interface PhpServer {
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

function startPhp(directory: string, port: number): PhpServer {
  const settings = {
    'session.save_path': `${directory}/tmp`,
    error_log: `${directory}/php.log`,
    display_errors: '0',
    auto_prepend_file: `${directory}/prepend.php`,
  };
  const child = spawn(
    phpPath(),
    [
      ...Object.entries(settings).flatMap(([name, value]) => ['-d', `${name}=${value}`]),
      ...['-S', `127.0.0.1:${port}`, '-t', join(simpleSamlPhpFolder(), 'www')],
    ],
    // A process group of its own, so that the server's children end with it.
    { env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: `${directory}/config` }, stdio: 'ignore', detached: true },
  );
  const kill = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
  };
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    stop: async () => {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}

/** Its metadata, once it answers. */
async function firstAnswer(url: string, php: PhpServer, log: () => string): Promise<string> {
  const deadline = performance.now() + READY_WITHIN_MILLISECONDS;
  while (php.child.exitCode === null && performance.now() < deadline) {
    const text = await fetch(url).then(
      (answer) => answer.text(),
      () => '',
    );
    if (text.includes('EntityDescriptor')) return text;
    await sleep(50);
  }
  const said = log();
  await php.stop();
  throw new Error(`SimpleSAMLphp does not answer:\n${said}`);
}

function writeJson(directory: string, name: string, value: unknown): void {
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(value));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // nothing logged yet
  }
}
