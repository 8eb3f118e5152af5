// What a sign-in over HTTP costs at least: node:http, SHA-256, one RSA verification and one pipeline to Redis.
import { createPublicKey, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { verifyFloor } from '../lib/canonical.ts';

const [port, redisUrl, certificate] = process.argv.slice(2) as [string, string, string];
const key = createPublicKey(certificate);
const redis = new Redis(redisUrl);

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => void answer(Buffer.concat(chunks).toString('latin1')));
  async function answer(form: string) {
    const id = verifyFloor(decodeURIComponent(form.slice('SAMLResponse='.length)), key);
    if (id === undefined) return response.writeHead(403).end();
    const session = randomBytes(32).toString('base64url');
    const pipeline = redis.pipeline().set(`floor:assertion:${id}`, '', 'PX', 3_600_000, 'NX');
    await pipeline.set(`floor:session:${session}`, id, 'PX', 3_600_000).exec();
    return response.writeHead(303, { location: '/', 'set-cookie': `sid=${session}; HttpOnly` }).end();
  }
}).listen(Number(port), '127.0.0.1');
