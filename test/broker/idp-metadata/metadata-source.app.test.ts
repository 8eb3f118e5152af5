// Reading metadata from an address and from a file: bounded, and from nowhere else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../../emulators/keys.ts';
import { fetchMetadata, readMetadataFile } from '../../../src/broker/idp-metadata/metadata-source.ts';
import { fetchTrusting } from '../../support/fetch-trusting.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { freePort } from '../../support/ports.ts';
import * as server from './support/metadata-server.ts';

let source: server.MetadataServer;
let directory: string;
beforeAll(async () => {
  source = await server.startMetadataServer();
  directory = mkdtempSync(join(tmpdir(), 'rolegate-metadata-'));
});
afterAll(async () => {
  await source.close();
  rmSync(directory, { recursive: true });
});

const read = (timeoutMs = 5000) => fetchMetadata(source.url, { fetch: source.fetch, timeoutMs });
const twoMiB = 2 * 1024 * 1024;

describe('fetchMetadata', () => {
  test('gives the document, whatever type it is said to have, without a byte order mark', async () => {
    source.answer(server.document('\ufeff<a>ü</a>', 'text/plain'));
    expect(await read()).toBe('<a>ü</a>');
  });

  test('takes 2 MiB', async () => {
    source.answer(server.document(' '.repeat(twoMiB)));
    expect((await read()).length).toBe(twoMiB);
  });

  const refused: [string, server.Answer, RegExp][] = [
    ['one byte more', server.document(' '.repeat(twoMiB + 1)), /more than 2 MiB/],
    ['a body without end', server.endless, /more than 2 MiB/],
    ['an error', server.notFound, /answered 404/],
    ['a redirect, even to the same host', server.redirect, /redirect/],
    ['a body that stops before its end', server.cutOff, /./],
    ['bytes that are not UTF-8', server.document(Buffer.from([0x3c, 0xe4, 0x3e])), /not UTF-8/],
  ];
  for (const [name, answer, message] of refused) {
    test(`refuses ${name}`, async () => {
      source.answer(answer);
      await expect(read()).rejects.toThrow(message);
    });
  }

  test('gives up on a body that comes too slowly', async () => {
    source.answer(server.stuck);
    await expect(read(200)).rejects.toThrow('no complete answer within 200 ms');
  });

  test('refuses a server whose certificate another authority signed, and says so', async () => {
    source.answer(server.document('<a/>'));
    const stranger = await makeKeyPair('Other CA', { isCa: true, privateKey: keyPair('stranger').key });
    const fetch = fetchTrusting(stranger.cert);
    await expect(fetchMetadata(source.url, { fetch })).rejects.toThrow(/fetch failed: .*(certificate|issuer)/);
  });

  test('explains network errors', async () => {
    const url = `https://localhost:${await freePort()}/`;
    await expect(fetchMetadata(url, { fetch: source.fetch })).rejects.toThrow(/ECONNREFUSED/);
    await expect(fetchMetadata(url, { fetch: globalThis.fetch })).rejects.toThrow(/ECONNREFUSED/);
  });

  test("is bounded with Node's own fetch as well", async () => {
    // Its authorities come from the environment of the process: this shows the refusal.
    await expect(fetchMetadata(source.url, { fetch: globalThis.fetch })).rejects.toThrow(/fetch failed: .*certificate/);
  });
});

describe('readMetadataFile', () => {
  const file = (content: string | Buffer) => {
    const path = join(directory, 'metadata.xml');
    writeFileSync(path, content);
    return path;
  };

  test('gives the text without a byte order mark', async () => {
    expect(await readMetadataFile(file('\ufeff<a>ü</a>'))).toBe('<a>ü</a>');
  });
  test('refuses more than 2 MiB', async () => {
    await expect(readMetadataFile(file(' '.repeat(twoMiB + 1)))).rejects.toThrow(/2 MiB/);
  });
  test('refuses a document that is not UTF-8', async () => {
    await expect(readMetadataFile(file(Buffer.from([0x3c, 0xff, 0xfe])))).rejects.toThrow(/UTF-8/);
  });
  test('says when there is none', async () => {
    await expect(readMetadataFile(join(directory, 'absent.xml'))).rejects.toThrow(/ENOENT/);
  });
});
