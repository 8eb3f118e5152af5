// `npm start -- ARGS`: builds when needed, then becomes the server. No process in between, so that SIGTERM reaches it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfNeeded, hasCompiler, ROOT } from './build.mjs';
import { isBuilt } from './stamp.mjs';

const server = join(ROOT, 'dist/server.js');
if (await prepare()) {
  process.argv = [process.execPath, server, 'start', ...process.argv.slice(2)];
  await import(pathToFileURL(server).href);
}

/** An image or a package has dist/ and no sources, a production install has no compiler: both take dist/ as it is. */
async function prepare() {
  const hasSources = existsSync(join(ROOT, 'src'));
  if (hasSources && isBuilt(ROOT)) return true;
  if (hasSources && hasCompiler()) {
    try {
      await buildIfNeeded(ROOT);
      return true;
    } catch (error) {
      return refuse(error.message);
    }
  }
  return existsSync(server) || refuse('dist/ is missing: run npm ci && npm run build');
}

function refuse(why) {
  console.error(why);
  process.exitCode = 1;
  return false;
}
