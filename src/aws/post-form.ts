// One bounded form POST. fetch cannot be given an agent, and the sign-in endpoint may sit behind a private CA.
import * as http from 'node:http';
import * as https from 'node:https';

const timeoutMs = 8000;
const maxAnswerBytes = 64 * 1024;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** @throws Error on network failure, after 8 seconds, or for an answer above 64 KiB */
export function postForm(url: string, form: URLSearchParams, agent?: https.Agent): Promise<Answer> {
  const body = form.toString();
  const isHttps = url.startsWith('https:');
  const options: https.RequestOptions = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.timeout(timeoutMs),
    ...(agent && isHttps ? { agent } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (isHttps ? https : http).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxAnswerBytes) request.destroy(new Error('answer too large'));
        chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
