// S3 under the clients people use: the AWS SDK for JavaScript, the AWS CLI and boto3, with a session's credentials.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { runAwsCli } from '../../../../test/support/aws-cli.ts';
import { boto3Python } from '../../../../test/support/parts/parts.ts';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';

const run = promisify(execFile);
const keys = { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'long-term-secret-of-the-user' };
const env = {
  AWS_ACCESS_KEY_ID: keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  AWS_DEFAULT_REGION: 'eu-west-1',
};
const policies = [{ Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }];
const objects = { 'a b+c.txt': 'signed', 'logs/ü (1)': '1' };
let aws: AwsEmulator;

beforeAll(async () => {
  const user = { name: 'ops', ...keys, policies };
  const buckets = [{ name: 'invoices', region: 'eu-west-1', objects }];
  const account = { id: '111122223333', name: 'Payments', roles: [], users: [user], buckets };
  aws = await startAws({ now: systemClock.now, estate: { accounts: [account] } });
});
afterAll(() => aws.close());

test('the AWS SDK for JavaScript lists, gets and puts', async () => {
  const s3 = new S3Client({ endpoint: aws.url, region: 'eu-west-1', forcePathStyle: true, credentials: keys });
  await s3.send(new PutObjectCommand({ Bucket: 'invoices', Key: 'sdk/new', Body: 'from the SDK' }));
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'invoices', MaxKeys: 2 }));
  expect(Contents?.map(({ Key }) => Key)).toEqual(['a b+c.txt', 'logs/ü (1)']);
  for (const [Key, text] of Object.entries({ ...objects, 'sdk/new': 'from the SDK' })) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'invoices', Key }));
    expect(await Body?.transformToString()).toBe(text);
  }
  const elsewhere = new S3Client({ endpoint: aws.url, region: 'us-east-1', forcePathStyle: true, credentials: keys });
  await expect(elsewhere.send(new ListObjectsV2Command({ Bucket: 'none' }))).rejects.toThrow('does not exist');
});

test('the AWS CLI lists, page by page', async () => {
  const args = ['s3api', 'list-objects-v2', '--bucket', 'invoices', '--page-size', '1', '--prefix', 'logs'];
  const listing = await runAwsCli([...args, '--endpoint-url', aws.url, '--query', 'Contents[].Key'], env);
  expect([listing.stderr, JSON.parse(listing.stdout)]).toEqual(['', ['logs/ü (1)']]);
});

test('boto3 puts, gets, presigns, and reads the error', async () => {
  const script = `
import boto3, sys, urllib.request
from botocore.config import Config
from botocore.exceptions import ClientError
s3 = boto3.client('s3', endpoint_url=sys.argv[1], config=Config(signature_version='s3v4'))
s3.put_object(Bucket='invoices', Key='boto/new', Body=b'from boto3')
print(s3.get_object(Bucket='invoices', Key='boto/new')['Body'].read().decode())
url = s3.generate_presigned_url('get_object', Params={'Bucket': 'invoices', 'Key': 'a b+c.txt'}, ExpiresIn=60)
print(urllib.request.urlopen(url).read().decode())
try:
    s3.get_object(Bucket='invoices', Key='none')
except ClientError as error:
    print(error.response['Error']['Code'])
`;
  const { stdout } = await run(boto3Python(), ['-c', script, aws.url], {
    env: { PATH: process.env['PATH'] ?? '', AWS_EC2_METADATA_DISABLED: 'true', ...env },
  });
  expect(stdout.trim().split('\n')).toEqual(['from boto3', 'signed', 'NoSuchKey']);
});
