// A Lambda function that reads a bucket of another account. Its own role is allowed one thing: to assume the reader's role
// there, whose trust policy names it. Its configuration contains no access key.
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

/** Outside of the handler: one client for all calls that this instance of the function serves. */
const sts = new STSClient({});
let session: { readonly client: S3Client; readonly renewAt: number } | undefined;

export async function handler({ bucket }: { bucket: string }): Promise<{ keys: string[] }> {
  const { client } = session && session.renewAt > Date.now() ? session : await openSession();
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return { keys: Contents.map(({ Key = '' }) => Key) };
}

async function openSession() {
  const { READER_ROLE_ARN: RoleArn, AWS_LAMBDA_FUNCTION_NAME: name = 'local' } = process.env;
  // From a session to a role is role chaining: an hour is all there is.
  const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: name, DurationSeconds: 3600 });
  const { Credentials: issued } = await sts.send(command);
  const credentials = {
    accessKeyId: issued?.AccessKeyId ?? '',
    secretAccessKey: issued?.SecretAccessKey ?? '',
    sessionToken: issued?.SessionToken ?? '',
  };
  const renewAt = (issued?.Expiration?.getTime() ?? 0) - 5 * 60_000;
  session = { client: new S3Client({ credentials }), renewAt };
  return session;
}
