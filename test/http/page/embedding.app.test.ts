// Which other pages may show the portal in a frame, and what browsers are told to keep apart.
import express from 'express';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { partitions } from '../../../src/aws/partitions.ts';
import { securityHeaders } from '../../../src/http/middleware/security-headers.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { type TestApp, useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const embedders = ['https://intranet.corp.example', 'https://wiki.corp.example'];
const embedded = (raw: Raw): Raw => ({ ...raw, portal: { embedders } });

async function headersOf({ browser }: TestApp, path: string) {
  const { headers } = await browser().get(path, accept);
  const directives = (headers['content-security-policy'] ?? '').split(';').map((each: string) => each.trim());
  return { headers, ancestors: directives.find((each: string) => each.startsWith('frame-ancestors')) };
}

const paths = ['/signed-out', '/nothing', '/login', '/api/v1/me', '/assets/rolegate.css'];

describe('frames', () => {
  test.each(paths)('are refused to everybody by default: %s', async (path) => {
    const { headers, ancestors } = await headersOf(await createApp(), path);
    expect(ancestors).toBe("frame-ancestors 'none'");
    expect(headers['x-frame-options']).toBe('DENY');
  });

  test.each(paths)('are allowed to the configured origins, without a header that contradicts: %s', async (path) => {
    const { headers, ancestors } = await headersOf(await createApp(embedded), path);
    expect(ancestors).toBe(`frame-ancestors ${embedders.join(' ')}`);
    expect(headers['x-frame-options']).toBeUndefined();
  });

  test.each(['iframe', 'frame', 'embed', 'object'])('begin no sign-in: %s', async (destination) => {
    const { browser } = await createApp(embedded);
    const inside = await browser().get('/login?return_to=%2Fwhy', { ...accept, 'Sec-Fetch-Dest': destination });
    expect([inside.status, inside.get('Set-Cookie')]).toEqual([401, undefined]);
    expect(inside.text).toContain('href="/login?return_to=%2Fwhy" target="_blank" rel="noopener"');
    const outside = await browser().get('/login', { ...accept, 'Sec-Fetch-Dest': 'document' });
    expect(outside.status).toBe(303);
  });
});

describe('other pages', () => {
  test.each([
    ['by default', (raw: Raw) => raw],
    ['with embedders', embedded],
  ])('are kept apart: %s', async (_, adjust) => {
    for (const path of paths) {
      const { headers } = await headersOf(await createApp(adjust), path);
      expect(headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'origin-agent-cluster': '?1',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      });
    }
  });
});

describe('HTTP Strict Transport Security', () => {
  test.each([
    ['http://127.0.0.1:8080', undefined],
    ['https://broker.example', 'max-age=31536000'],
  ])('is for https only: %s', async (baseUrl, expected) => {
    const { config } = await createApp();
    const app = express().use(securityHeaders({ ...config, baseUrl }, partitions['aws']!));
    const { headers } = await supertest(app).get('/');
    expect(headers['strict-transport-security']).toBe(expected);
  });
});
