// The parts of the package samlp that the tests use; it brings no types.
declare module 'samlp' {
  import type { Request, RequestHandler } from 'express';

  interface Profile {
    getClaims(): Record<string, string | readonly string[]>;
    getNameIdentifier(): { nameIdentifier: string; nameIdentifierFormat: string };
  }

  interface ProfileMapper {
    (user: never): Profile;
    prototype: { metadata: readonly Record<string, unknown>[] };
  }

  interface AuthOptions {
    readonly issuer: string;
    readonly cert: string;
    readonly key: string;
    readonly signAssertion?: boolean;
    readonly signResponse?: boolean;
    readonly signatureAlgorithm?: string;
    readonly digestAlgorithm?: string;
    readonly recipient?: string;
    readonly destination?: string;
    readonly lifetimeInSeconds?: number;
    readonly encryptionCert?: string;
    readonly encryptionPublicKey?: string;
    readonly encryptionAlgorithm?: string;
    readonly disallowEncryptionWithInsecureAlgorithm?: boolean;
    readonly warnOnInsecureEncryptionAlgorithm?: boolean;
    readonly profileMapper: ProfileMapper;
    readonly getUserFromRequest: (request: Request) => unknown;
    readonly getPostURL: (
      audience: string,
      request: unknown,
      httpRequest: Request,
      done: (error: unknown, url: string) => void,
    ) => void;
  }

  interface MetadataOptions {
    readonly issuer: string;
    readonly cert: string;
    readonly profileMapper: ProfileMapper;
    readonly redirectEndpointPath: string;
    readonly postEndpointPath: string;
  }

  export function auth(options: AuthOptions): RequestHandler;
  export function metadata(options: MetadataOptions): RequestHandler;
}
