// What issuing credentials costs at least: node:http, one GET from Redis, one RSA signature and one form POST to STS.
import { createPrivateKey, sign } from 'node:crypto';
import { Agent, createServer, request as httpRequest } from 'node:http';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';

const [port, redisUrl, privateKey, stsUrl] = process.argv.slice(2) as [string, string, string, string];
const key = createPrivateKey(privateKey);
const redis = new Redis(redisUrl);
const agent = new Agent({ keepAlive: true });
const signAsync = promisify(sign);
await redis.set('floor:session', 'x'.repeat(1000));

createServer((request, response) => {
  request.resume();
  request.on('end', () => void answer());
  async function answer() {
    const session = await redis.get('floor:session');
    const signature = await signAsync('sha256', Buffer.from(session!), key);
    // As long as an assertion for one role.
    const form = new URLSearchParams({ SAMLAssertion: signature.toString('base64').padEnd(6000, 'A') }).toString();
    const answered = await post(form);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ answered }));
  }
}).listen(Number(port), '127.0.0.1');

function post(form: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(form) };
    const outgoing = httpRequest(stsUrl, { method: 'POST', agent, headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () => resolve(text));
    });
    outgoing.on('error', reject);
    outgoing.end(form);
  });
}
