// AWS Secrets Manager: GetSecretValue by name or ARN, of a version stage.
import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { JsonCall, JsonService } from '../json-service.ts';
import type { World } from '../world.ts';

export interface EmulatedSecret {
  readonly name: string;
  /** By staging label: text, or bytes for a binary secret. */
  readonly versions: Readonly<Record<string, string | Uint8Array>>;
  /** It waits for its deletion. */
  readonly isDeleted?: boolean;
}

export const secretsManager: JsonService = {
  target: 'secretsmanager.',
  name: 'secretsmanager',
  source: 'secretsmanager.amazonaws.com',
  operations: { GetSecretValue },
};

function GetSecretValue(world: World, { members, caller, region, draft, permit }: JsonCall): object {
  const { SecretId: id, VersionStage: stage = 'AWSCURRENT' } = members;
  if (typeof id !== 'string' || !/^[\w/+=.@:-]{1,2048}$/.test(id))
    throw new AwsError(400, 'ValidationException', 'Invalid name.');
  draft.requestParameters = { secretId: id, versionStage: stage };
  const { partition, accounts } = world.estate();
  const own = caller.principal.accountId;
  const secrets = [...accounts.values()].flatMap((account) =>
    (account.secrets ?? []).map((secret) => ({
      secret,
      isOwn: account.id === own,
      arn: `arn:${partition}:secretsmanager:${region}:${account.id}:secret:${secret.name}-${suffixOf(secret.name)}`,
    })),
  );
  // An ARN may come without its six random characters.
  const found = secrets.find(({ secret, arn, isOwn }) =>
    id.startsWith('arn:') ? arn === id || arn.slice(0, -7) === id : isOwn && secret.name === id,
  );
  permit(found?.arn ?? (id.startsWith('arn:') ? id : `arn:${partition}:secretsmanager:${region}:${own}:secret:${id}`));
  if (!found) throw missing("Secrets Manager can't find the specified secret.");
  const { name, versions, isDeleted } = found.secret;
  if (isDeleted) {
    const text = "You can't perform this operation on the secret because it was marked for deletion.";
    throw new AwsError(400, 'InvalidRequestException', text);
  }
  const value = Object.hasOwn(versions, String(stage)) ? versions[String(stage)] : undefined;
  if (value === undefined) {
    throw missing(`Secrets Manager can't find the specified secret value for staging label: ${String(stage)}`);
  }
  const content =
    typeof value === 'string' ? { SecretString: value } : { SecretBinary: Buffer.from(value).toString('base64') };
  return { ARN: found.arn, Name: name, VersionStages: [stage], ...content };
}

/** What Secrets Manager appends to the name in an ARN. */
function suffixOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 6);
}

function missing(text: string): AwsError {
  return new AwsError(400, 'ResourceNotFoundException', text);
}
