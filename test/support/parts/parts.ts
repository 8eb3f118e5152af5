// Paths of the programs and data the tests drive. Each getter throws an Error that names the command to install a missing one.
import { findPart, installCommand, type PartName, redisEnvironment, unpackedEnvironment } from './find-part.mjs';

/** The Redis (or Valkey) server and the variables to add to our environment. @throws Error that names the command. */
export function redisServer(): { path: string; env: Record<string, string> } {
  const path = requirePart('redis');
  return { path, env: redisEnvironment(path) };
}

/** A Valkey server with TLS, and the variables to add to our environment. @throws Error that names the command. */
export function valkeyServer(): { path: string; env: Record<string, string> } {
  const path = requirePart('valkey');
  return { path, env: unpackedEnvironment('valkey', path) };
}

/** The xmlsec1 program. @throws Error that names the command. */
export function xmlsec1Path(): string {
  return requirePart('xmlsec1');
}

/** A Chromium or Chrome. @throws Error that names the command. */
export function chromiumPath(): string {
  return requirePart('chromium');
}

/** An AWS CLI, version 1 or 2. @throws Error that names the command. */
export function awsCliPath(): string {
  return requirePart('aws');
}

/** A PHP with the extensions that SimpleSAMLphp needs. @throws Error that names the command. */
export function phpPath(): string {
  return requirePart('php');
}

/** The folder of SimpleSAMLphp, installed or unpacked. @throws Error that names the command. */
export function simpleSamlPhpFolder(): string {
  return requirePart('simplesamlphp');
}

/** A Python that has pysaml2. @throws Error that names the command. */
export function pysaml2Python(): string {
  return requirePart('pysaml2');
}

/** A Python that has boto3. @throws Error that names the command. */
export function boto3Python(): string {
  return requirePart('boto3');
}

/** kubectl, whose `kustomize` renders manifests. @throws Error that names the command. */
export function kubectlPath(): string {
  return requirePart('kubectl');
}

/** systemd-analyze, on Linux. @throws Error that names the command. */
export function systemdAnalyzePath(): string {
  return requirePart('systemd');
}

/** A reverse proxy and the variables to add to our environment. @throws Error that names the command. */
export function reverseProxy(name: 'nginx' | 'haproxy' | 'apache'): { path: string; env: Record<string, string> } {
  const path = requirePart(name);
  return { path, env: unpackedEnvironment(name, path) };
}

/** The checker of Prometheus's rules. @throws Error that names the command. */
export function promtoolPath(): string {
  return requirePart('promtool');
}

/** A Java and the folder of Keycloak. @throws Error that names the command. */
export function keycloak(): { java: string; folder: string } {
  return { java: requirePart('java'), folder: requirePart('keycloak') };
}

/** The minisign program. @throws Error that names the command. */
export function minisignPath(): string {
  return requirePart('minisign');
}

/** The xmllint program. @throws Error that names the command. */
export function xmllintPath(): string {
  return requirePart('xmllint');
}

/** The folder with opensaml's and xmltooling's XML schemas. @throws Error that names the command. */
export function samlSchemasFolder(): string {
  return requirePart('saml-schemas');
}

function requirePart(name: PartName): string {
  const path = findPart(name);
  if (path === undefined) throw new Error(`${name} is missing. Install it with: ${installCommand([name])}`);
  return path;
}
