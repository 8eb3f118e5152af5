// The command line for download: a page that says how to install it, and the files. All are public, and the same for everyone.
import { type Request, type Response, Router } from 'express';
import { BrokerError } from '../../errors.ts';
import { releasePaths } from '../../wire/release.ts';
import { type Services, signedInSession } from '../context.ts';
import type { CliOffer } from './cli-offer.ts';
import { cliDownloadPage } from './download-page.ts';
import type { OfferedRelease } from './release-folder.ts';

export function cliDownloadRoutes(
  { config, clock, pageContext }: Pick<Services, 'config' | 'clock' | 'pageContext'>,
  offer: CliOffer,
): Router {
  const router = Router();
  router.get('/cli', async (request, response) => {
    const person = signedInSession(request, clock.now())?.identity;
    const [script, offered] = [await offer.script(), await offer.release()];
    const download = {
      ...{ broker: config.baseUrl, sha256: script?.sha256, release: offered?.release },
      userAgent: request.get('user-agent') ?? '',
    };
    response.type('html').send(cliDownloadPage(pageContext(request), person, download));
  });
  router.get('/cli/rolegate.cjs', async (_request, response) => {
    const found = await offer.script();
    if (!found) throw new BrokerError('not_found', 'rolegate.cjs was not built');
    describeFile(response, { name: 'rolegate.cjs', sha256: found.sha256 });
    response.set('Cache-Control', 'no-cache').type('text/javascript').send(found.content);
  });
  const requireRelease = async (): Promise<OfferedRelease> => {
    const offered = await offer.release();
    if (!offered) throw new BrokerError('not_found', 'no release is offered');
    return offered;
  };
  router.get(releasePaths.manifest, async (_request, response) => {
    const { manifest } = await requireRelease();
    response.set('Cache-Control', 'no-cache').type('application/json').send(manifest);
  });
  router.get(releasePaths.signature, async (_request, response) => {
    const { signature } = await requireRelease();
    response.set('Cache-Control', 'no-cache').type('text/plain').send(signature);
  });
  router.get(releasePaths.file(':name'), async (request: Request<{ name: string }>, response, next) => {
    const { folder, release } = await requireRelease();
    const file = release.files.find(({ name }) => name === request.params.name);
    if (!file) throw new BrokerError('not_found', 'no file of the release has this name');
    describeFile(response, file);
    // A name has its version in it, and never other content.
    response.set('Cache-Control', 'public, max-age=31536000, immutable').type('application/octet-stream');
    response.sendFile(
      file.name,
      { root: folder, acceptRanges: false, cacheControl: false, lastModified: false },
      (error) => {
        if (error && !response.headersSent) next(error);
      },
    );
  });
  return router;
}

function describeFile(response: Response, { name, sha256 }: { readonly name: string; readonly sha256: string }): void {
  response.set({
    'Content-Disposition': `attachment; filename="${name}"`,
    ETag: `"${sha256}"`,
    // RFC 9530
    'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
  });
}
