// Parameter Store of AWS Systems Manager: GetParameter by name or ARN; without decryption a SecureString is ciphertext.
import { AwsError } from '../errors.ts';
import type { JsonCall, JsonService } from '../json-service.ts';
import type { World } from '../world.ts';

export interface EmulatedParameter {
  readonly name: string;
  readonly type: 'String' | 'SecureString';
  /** The versions, oldest first. */
  readonly values: readonly string[];
}

export const parameterStore: JsonService = {
  target: 'AmazonSSM.',
  name: 'ssm',
  source: 'ssm.amazonaws.com',
  operations: { GetParameter },
};

function GetParameter(world: World, { members, caller, region, draft, permit }: JsonCall): object {
  const { Name: asked, WithDecryption: isDecrypted = false } = members;
  if (typeof asked !== 'string' || asked === '') throw new AwsError(400, 'ValidationException', 'Invalid name.');
  draft.requestParameters = { name: asked, withDecryption: isDecrypted };
  const arnOf = (account: string, name: string) =>
    `arn:${world.estate().partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
  const own = caller.principal.accountId;
  const isArn = asked.startsWith('arn:');
  const [, name = asked, version] = /^(.*?)(?::(\d+))?$/.exec(isArn ? asked.split(':').slice(5).join(':') : asked)!;
  const arn = isArn ? `${asked.split(':').slice(0, 5).join(':')}:${name}` : arnOf(own, name);
  permit(arn);
  const parameters = [...world.estate().accounts.values()].flatMap(({ id, parameters: all = [] }) =>
    all.map((parameter) => ({ parameter, arn: arnOf(id, parameter.name) })),
  );
  const found = parameters.find((each) => each.arn === arn)?.parameter;
  if (!found) throw new AwsError(400, 'ParameterNotFound', '');
  const number = version === undefined ? found.values.length : Number(version);
  const value = found.values[number - 1];
  if (value === undefined) {
    const text = `Systems Manager could not find version ${number} of ${found.name}. Verify the version and try again.`;
    throw new AwsError(400, 'ParameterVersionNotFound', text);
  }
  const shown =
    found.type === 'String' || isDecrypted ? value : Buffer.from(`sealed ${value.length}`).toString('base64');
  return { Parameter: { Name: found.name, Type: found.type, Value: shown, Version: number, ARN: arn } };
}
