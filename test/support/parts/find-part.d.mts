// Types of find-part.mjs, which has to run before anything is compiled.

/** The programs and data the suite drives. */
export type PartName =
  | 'redis'
  | 'valkey'
  | 'xmlsec1'
  | 'chromium'
  | 'aws'
  | 'php'
  | 'simplesamlphp'
  | 'pysaml2'
  | 'boto3'
  | 'java'
  | 'maven'
  | 'keycloak'
  | 'kubectl'
  | 'systemd'
  | 'nginx'
  | 'haproxy'
  | 'apache'
  | 'promtool'
  | 'minisign'
  | 'rpmbuild'
  | 'xmllint'
  | 'saml-schemas';

export interface Part {
  override: string;
  places: string[];
  apt?: string;
  linux?: string;
  isLinux?: boolean;
  brew?: string;
  ubuntu?: string;
  macos?: string;
  holds?: string[];
  works?: string[];
  unpack?: string[];
}

export declare const UNPACKED_KEYCLOAK: string;
export declare const UNPACKED_REDIS: string;
export declare const PARTS: Record<PartName, Part>;
export declare function unpackedFolder(name: PartName): string;
export declare function findPart(name: PartName): string | undefined;
export declare function findOnPath(program: string): string | undefined;
export declare function installCommand(names: PartName[]): string;
export declare function redisEnvironment(path: string): Record<string, string>;
export declare function unpackedEnvironment(name: PartName, path: string): Record<string, string>;
export declare function isUbuntu(): boolean;
