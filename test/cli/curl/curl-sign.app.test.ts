// Our signatures against botocore's, byte for byte, over requests that signers like to disagree about.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { signRequest } from '../../../src/cli/curl/curl-sign.ts';
import { readTarget } from '../../../src/cli/curl/curl-target.ts';
import { boto3Python } from '../../support/parts/parts.ts';

const run = promisify(execFile);
const credentials = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'se/cret+', SessionToken: 'to/ken+==' };
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const s3 = 'https://s3.eu-west-1.amazonaws.com';
const lambda = 'https://abc.lambda-url.eu-west-1.on.aws';

interface Case {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payloadHash?: string;
}

const cases: readonly Case[] = [
  { url: `${s3}/bucket?list-type=2&prefix=a b/ü&delimiter=/` },
  { url: `${s3}/bucket/a b+c(1)!*'~,=@:&$.txt` },
  { url: `${s3}/bucket//double//slash/` },
  { url: `${s3}/bucket/ü/${encodeURIComponent('한글')}%25` },
  { url: `${s3}/bucket?acl` },
  {
    method: 'PUT',
    url: `${s3}/bucket/key`,
    payloadHash: 'UNSIGNED-PAYLOAD',
    headers: { 'content-type': 'text/plain' },
  },
  { url: `${lambda}/` },
  { url: `${lambda}/a b+c(1)!*'~,=@:&$` },
  { url: `${lambda}/x%2Fy/%2525/ü` },
  { url: `${lambda}/x?b=2&a=2&a=1&a=10&empty=&space=a+b&%C3%BC=%20%2B` },
  { method: 'POST', url: `${lambda}/x`, headers: { 'content-type': 'application/json', 'x-odd': 'a   b  c' } },
  { url: 'https://a1.execute-api.eu-west-1.amazonaws.com/prod/items/{id}' },
  { url: 'http://127.0.0.1:8082/x' },
];

const botocore = `
import json, sys
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
keys = Credentials('ASIAEXAMPLE', 'se/cret+', 'to/ken+==')
signed = []
for case in json.load(sys.stdin):
    headers = {**case['headers'], 'X-Amz-Content-SHA256': case['hash']}
    request = AWSRequest(method=case['method'], url=case['url'], headers=headers)
    request.context['payload_signing_enabled'] = True
    kind = S3SigV4Auth if case['service'] == 's3' else SigV4Auth
    signer = kind(keys, case['service'], 'eu-west-1')
    signer.payload = lambda request, hash=case['hash']: hash
    signer.add_auth(request)
    signed.append([request.headers['X-Amz-Date'], request.headers['Authorization']])
print(json.dumps(signed))
`;

test('every signature is the one that botocore makes of the same request', async () => {
  const targets = cases.map(({ url }) =>
    readTarget(url, { ...(url.startsWith('http:') && { service: 'lambda', region: 'eu-west-1' }) }),
  );
  const input = cases.map(({ method = 'GET', headers = {}, payloadHash: hash = empty }, index) => {
    const { origin, requestTarget, service } = targets[index]!;
    return { method, headers, hash, service, url: origin + requestTarget };
  });
  const python = run(boto3Python(), ['-c', botocore]);
  python.child.stdin!.end(JSON.stringify(input));
  const theirs = JSON.parse((await python).stdout) as [string, string][];
  for (const [index, { method = 'GET', headers = {}, payloadHash = empty, url }] of cases.entries()) {
    const [stamp, authorization] = theirs[index]!;
    const now = new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:'));
    const ours = await signRequest({ method, target: targets[index]!, headers, payloadHash, credentials, now });
    expect([url, ours['authorization']]).toEqual([url, authorization]);
  }
});
