// SimpleSAMLphp's configuration as files: a private tree that holds all it would look for in /etc and /var.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPair } from '../../support/key-pairs.ts';
import { simpleSamlPhpFolder } from '../../support/parts/parts.ts';

const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

/** As AD FS names itself: an http address that is never called. */
const sspEntityId = 'http://sts.corp.example.com/adfs/services/trust';

/** Attribute values by attribute name. */
type SspAttributes = Readonly<Record<string, readonly string[]>>;

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
  /** The method it says it used; undefined: a password. It never does what a request asks for. */
  readonly authnContext?: string | undefined;
  /** Where logout messages go; PEM of the certificate they are signed with. */
  readonly logout?: { readonly url: string; readonly certificate: string } | undefined;
}

/** Its own configuration, metadata, keys and logs. PHP files that read JSON: nothing has to be escaped for PHP. */
export function writeTree(
  directory: string,
  url: string,
  signing: KeyPair,
  users: readonly SspUser[],
  userId: string,
): void {
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

export function mainConfiguration(directory: string, url: string): Record<string, unknown> {
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

export function remoteServiceProvider(trusted: SspServiceProvider): Record<string, unknown> {
  const { acsUrl, signResponse, signAssertion, requestSigner, encryption, authnContext, logout } = trusted;
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
    ...(authnContext && {
      authproc: { 20: { class: 'saml:AuthnContextClassRef', AuthnContextClassRef: authnContext } },
    }),
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

/** Replaces what a PHP file reads. */
export function writeJson(directory: string, name: string, value: unknown): void {
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(value));
}
