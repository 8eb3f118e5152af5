// Lists a bucket without an SDK, by one request signed by hand: `list-bucket-signed.ts BUCKET [PREFIX]`.
import { keysFromEnvironment, signedHeaders } from './sign-request.ts';

const [bucket = 'sample-invoices', prefix = ''] = process.argv.slice(2);
const region = process.env['AWS_REGION'] ?? 'eu-west-1';
const endpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? `https://s3.${region}.amazonaws.com`;

const url = new URL(`${endpoint}/${bucket}?list-type=2&prefix=${encodeURIComponent(prefix)}`);
const headers = signedHeaders({ method: 'GET', url, service: 's3', region }, keysFromEnvironment(), new Date());
const answer = await fetch(url, { headers });
const text = await answer.text();
if (!answer.ok) throw new Error(`S3 answered ${answer.status}: ${/<Message>([^<]*)/.exec(text)?.[1]}`);
for (const [, key, size] of text.matchAll(/<Key>([^<]*)<\/Key>.*?<Size>(\d+)/g)) console.log(`${size}\t${key}`);
