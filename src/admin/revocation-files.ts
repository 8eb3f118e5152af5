// Deny policies as files, DIRECTORY/ACCOUNT/ROLE.json or DIRECTORY/ACCOUNT/federated-user/NAME.json, as IAM takes them.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRoleArn } from '../access/arn.ts';
import { ConfigError } from '../config/config.ts';

export interface RevocationFiles {
  pathOf(roleArn: string): string;
  /** Undefined where there is none. @throws ConfigError if it is not JSON */
  read(roleArn: string): Promise<unknown>;
  write(roleArn: string, document: object): Promise<void>;
  remove(roleArn: string): Promise<void>;
  /** ARNs of the roles that have a file. */
  roles(): Promise<string[]>;
}

/** In IAM a role's name is unique in its account, whatever its path. */
export function roleNameOf(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}

/** Federated users have no role: their policy belongs on the IAM user whose keys made them. */
export function isFederatedUser(roleArn: string): boolean {
  return roleArn.split(':')[2] === 'sts';
}

export function createRevocationFiles(directory: string, partition: string): RevocationFiles {
  const pathOf = (roleArn: string) => {
    const account = parseRoleArn(roleArn)?.accountId;
    if (account === undefined) throw new ConfigError(roleArn, ['is not the ARN of a role or a federated user']);
    return join(directory, account, isFederatedUser(roleArn) ? 'federated-user' : '', `${roleNameOf(roleArn)}.json`);
  };
  return {
    pathOf,
    read: async (roleArn) => {
      const path = pathOf(roleArn);
      try {
        return JSON.parse(await readFile(path, 'utf8')) as unknown;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new ConfigError(path, [(error as Error).message]);
      }
    },
    write: async (roleArn, document) => {
      const path = pathOf(roleArn);
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(`${path}.new`, `${JSON.stringify(document, null, 2)}\n`);
      await rename(`${path}.new`, path);
    },
    remove: (roleArn) => rm(pathOf(roleArn), { force: true }),
    roles: async () => {
      const names = await readdir(directory, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      return names.flatMap((name) => {
        const [, account, user, role] = /^(\d{12})\/(federated-user\/)?([\w+=,.@-]+)\.json$/.exec(name) ?? [];
        if (account === undefined) return [];
        return [
          user
            ? `arn:${partition}:sts::${account}:federated-user/${role}`
            : `arn:${partition}:iam::${account}:role/${role}`,
        ];
      });
    },
  };
}
