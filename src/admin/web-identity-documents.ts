// `rolegate-server metadata oidc`: what AWS reads of the broker as an OpenID provider, as files for any web server. The
// broker itself may then stay out of AWS's reach.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { discoveryDocument, jwksDocument } from '../aws/web-identity-token.ts';
import type { Config } from '../config/config.ts';

/** @returns the files written. @throws Error without keys, or if a file cannot be written */
export function writeWebIdentityDocuments({ aws }: Config, directory: string): string[] {
  if (!aws.webIdentity) throw new Error('the configuration has no aws.webIdentity.signing');
  const { issuer, keys } = aws.webIdentity;
  const documents = {
    '.well-known/openid-configuration': discoveryDocument(issuer, keys),
    'jwks.json': jwksDocument(keys),
  };
  return Object.entries(documents).map(([path, document]) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
    return file;
  });
}
