// The floor of a page: the same bytes from memory, compressed for every request as Rolegate compresses its large pages.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gzip } from 'node:zlib';

const [port, file] = process.argv.slice(2) as [string, string];
const body = readFileSync(file);

createServer((_request, response) => {
  gzip(body, { level: 4 }, (_error, compressed) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(compressed);
  });
}).listen(Number(port), '127.0.0.1');
