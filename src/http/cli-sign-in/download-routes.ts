// The command line for download: a page that says how to install it, and the file. Both are public, and the same for all.
import { Router } from 'express';
import { BrokerError } from '../../errors.ts';
import { type Services, signedInSession } from '../context.ts';
import { readCliFile } from './cli-file.ts';
import { cliDownloadPage } from './download-page.ts';

/** @param read for tests, which bring another file */
export function cliDownloadRoutes(
  { config, clock, pageContext }: Pick<Services, 'config' | 'clock' | 'pageContext'>,
  read: typeof readCliFile = readCliFile,
): Router {
  const router = Router();
  // Read once: the hash on the page matches the file that is sent, also while a new version is being installed.
  let reading: ReturnType<typeof readCliFile> | undefined;
  const file = () => {
    reading ??= read();
    return reading;
  };
  router.get('/cli', async (request, response) => {
    const person = signedInSession(request, clock.now())?.identity;
    const sha256 = (await file())?.sha256;
    response.type('html').send(cliDownloadPage(pageContext(request), person, { broker: config.baseUrl, sha256 }));
  });
  router.get('/cli/rolegate.cjs', async (_request, response) => {
    const found = await file();
    if (!found) throw new BrokerError('not_found', 'rolegate.cjs was not built');
    response.set({
      'Cache-Control': 'no-cache',
      'Content-Disposition': 'attachment; filename="rolegate.cjs"',
      ETag: `"${found.sha256}"`,
      // RFC 9530
      'Repr-Digest': `sha-256=:${Buffer.from(found.sha256, 'hex').toString('base64')}:`,
    });
    response.type('text/javascript').send(found.content);
  });
  return router;
}
