// Calls a Lambda function URL whose auth type is AWS_IAM: `call-function-url.ts URL [BODY]`.
import { keysFromEnvironment, signedHeaders } from './sign-request.ts';

const [address = 'http://127.0.0.1:8082/lambda-url/invoicetotal/2026-01', body] = process.argv.slice(2);
const url = new URL(address);
// The host of a function URL names its region: ID.lambda-url.REGION.on.aws.
const region = url.hostname.split('.')[2] ?? '';
const wish = {
  method: body === undefined ? 'GET' : 'POST',
  url,
  service: 'lambda',
  region: url.hostname.endsWith('.on.aws') ? region : (process.env['AWS_REGION'] ?? 'eu-west-1'),
  ...(body === undefined ? {} : { body }),
};
const headers = signedHeaders(wish, keysFromEnvironment(), new Date());
const answer = await fetch(url, { method: wish.method, headers, body: body ?? null });
console.log(await answer.text());
// Lambda says Forbidden for a missing signature and for a missing permission alike.
if (!answer.ok) process.exitCode = 1;
