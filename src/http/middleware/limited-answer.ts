// The answer to a request that the limit refuses. It is made once, so that a flood pays for no page and no log line.
import type { Request, Response } from 'express';
import type { Config } from '../../config/config.ts';
import type { Problem } from '../../wire/api.ts';
import { html } from '../page/html.ts';
import { en } from '../page/messages/en.ts';
import { languages } from '../page/messages/languages.ts';
import { answerHeaders } from './security-headers.ts';

export type LimitedAnswer = (request: Request, response: Response, retryAfterSeconds: number) => void;

export function createLimitedAnswer(config: Config): LimitedAnswer {
  const headers = answerHeaders(config, config.aws.partition).flat();
  const [mark, page] = ['…', limitedPage('…')];
  return (request, response, retryAfterSeconds) => {
    // No negotiation: it takes time that grows with the header.
    const isPage = !request.path.startsWith('/api/') && request.headers.accept?.includes('text/html') === true;
    const body = isPage ? page.replaceAll(mark, request.requestId) : JSON.stringify(limitedProblem(request.requestId));
    const type = isPage ? 'text/html; charset=utf-8' : 'application/problem+json; charset=utf-8';
    // The body is not read, so the connection cannot be used again.
    const connection =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
        ? ['Connection', 'close']
        : [];
    const length = String(Buffer.byteLength(body));
    const own = ['Content-Type', type, 'Content-Length', length, 'Retry-After', String(retryAfterSeconds)];
    response.writeHead(429, [...headers, ...own, ...connection]).end(body);
  };
}

function limitedProblem(requestId: string): Problem {
  const { title, help } = en.errors.rate_limited;
  return { type: 'about:blank', status: 429, title, detail: help, code: 'rate_limited', requestId };
}

/** In every language, and without any file besides: that would be refused too. */
function limitedPage(requestId: string): string {
  const texts = languages.map(
    ({ language, page, errors: { rate_limited: text } }) =>
      html`<section lang="${language}"><h1>${text.title}</h1><p>${text.help}</p><p>${page.requestId} <code>${requestId}</code></p></section>`,
  );
  return html`<!doctype html><html lang="en"><meta charset="utf-8"><title>${en.errors.rate_limited.title}</title>${texts}</html>`
    .html;
}
