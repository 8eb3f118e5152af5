// Spans of real requests with the real OpenTelemetry SDK: what belongs to what, who may name a trace, and no secret in any.
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { createTracing } from '../../src/wiring/tracing.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { createLineCollector } from './support/lines.ts';
import { signIn } from './support/sign-in.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const roleArn = 'arn:aws:iam::444455556666:role/Developer';
/** Everything that a span may say, with the values that are not codes, kinds or ids of the configuration. */
const allowed: Readonly<Record<string, RegExp>> = {
  'http.request.method': /^(GET|POST|_OTHER)$/,
  'http.response.status_code': /^\d{3}$/,
  'rolegate.request.kind': /^[a-z_]+$/,
  'rolegate.request.id': /^[\w-]{8,64}$/,
  'rolegate.event': /^[a-z_]+$/,
  'rolegate.reason': /^[a-z_]+$/,
  'error.type': /^[a-z_]+$/,
};

let demo: TestDemo;
let browser: HttpBrowser;
beforeAll(async () => {
  provider.register();
  demo = await start(['loopback']);
  browser = createHttpBrowser();
});
beforeEach(() => exporter.reset());
afterAll(async () => {
  browser.close();
  await demo.close();
  await provider.shutdown();
  trace.disable();
});

function start(trustProxy: string[]): Promise<TestDemo> {
  const tracing = createTracing(createLogger('info', createLineCollector().stream));
  return startTestDemo({
    tracing,
    adjust: (config) => ({ ...config, listen: { ...(config['listen'] as object), trustProxy } }),
  });
}

/** A request span ends with the connection's answer, a moment after the client has it. */
async function spansOf(name: string): Promise<readonly ReadableSpan[]> {
  await expect.poll(() => exporter.getFinishedSpans().map((span) => span.name)).toContain(name);
  return exporter.getFinishedSpans();
}

function nameOfParent(spans: readonly ReadableSpan[], name: string): string | undefined {
  const parent = spans.find((span) => span.name === name)?.parentSpanContext?.spanId;
  return spans.find((span) => span.spanContext().spanId === parent)?.name;
}

test('a sign-in and credentials: the work is inside its request, in one trace each', async () => {
  await signIn(browser, demo.brokerUrl, 'alice');
  const signing = await spansOf('POST sign_in');
  expect(nameOfParent(signing, 'sign-in complete')).toBe('POST sign_in');
  expect(nameOfParent(signing, 'sign-in start')).toBe('GET login');
  const record = signing.find(({ attributes }) => attributes['rolegate.event'] === 'sign_in')!;
  const complete = signing.find(({ name }) => name === 'sign-in complete')!;
  // Every other span is inside one: of all of them only requests have no parent.
  const roots = signing.filter(({ parentSpanContext }) => parentSpanContext === undefined);
  expect(roots.every(({ kind }) => kind === SpanKind.SERVER)).toBe(true);
  expect(record.parentSpanContext?.spanId).toBe(complete.spanContext().spanId);
  exporter.reset();
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn });
  expect(answer.status).toBe(200);
  const spans = await spansOf('POST credentials');
  expect(['policy', 'credentials issue'].map((name) => nameOfParent(spans, name))).toEqual([
    'POST credentials',
    'POST credentials',
  ]);
  expect(nameOfParent(spans, 'sts assumeRoleWithSaml')).toBe('credentials issue');
  const events = spans.flatMap(({ attributes }) => attributes['rolegate.event'] ?? []);
  expect(events).toEqual(['credentials_requested', 'credentials_issued']);
  const request = spans.find(({ name }) => name === 'POST credentials')!;
  expect(request).toMatchObject({ kind: SpanKind.SERVER, parentSpanContext: undefined });
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  // The request's id leads from a trace to the log and the audit trail, the trace's id from the log to the trace.
  const id = request.attributes['rolegate.request.id'];
  expect(demo.audit).toContainEqual(expect.objectContaining({ event: 'credentials_issued', requestId: id }));
  const line = { msg: 'request', requestId: id, traceId: request.spanContext().traceId };
  expect(demo.log).toContainEqual(expect.objectContaining(line));
});

test('a refusal shows its code, and the failure of a span has no message', async () => {
  demo.aws.faults.set({ status: 503, scope: 'sts' });
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn });
  demo.aws.faults.clear();
  expect(answer.status).toBe(503);
  const spans = await spansOf('POST credentials');
  const sts = spans.find(({ name }) => name === 'sts assumeRoleWithSaml')!;
  expect(sts).toMatchObject({
    attributes: { 'error.type': 'sts_unavailable' },
    status: { code: SpanStatusCode.ERROR },
    events: [],
  });
  expect(sts.status.message).toBeUndefined();
  const { status, attributes } = spans.find(({ name }) => name === 'POST credentials')!;
  expect([status.code, attributes['http.response.status_code']]).toEqual([SpanStatusCode.ERROR, 503]);
});

describe('traceparent', () => {
  const ask = (url: string) => fetch(`${url}/`, { headers: { traceparent }, redirect: 'manual' });

  test('of a trusted proxy names the trace, and its parent', async () => {
    await ask(demo.brokerUrl);
    const spans = await spansOf('GET page');
    const request = spans.find(({ name }) => name === 'GET page')!;
    expect(request.spanContext().traceId).toBe(traceId);
    expect(request.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true });
  });

  test('of a client does not', async () => {
    const direct = await start([]);
    try {
      await ask(direct.brokerUrl);
      const spans = await spansOf('GET page');
      expect(spans.map((span) => span.spanContext().traceId)).not.toContain(traceId);
    } finally {
      await direct.close();
    }
  });
});

test('no span has a secret, or an attribute that is not on the list', async () => {
  const person = createHttpBrowser();
  await signIn(person, demo.brokerUrl, 'bob');
  await person.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn });
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn });
  await fetch(`${demo.brokerUrl}/saml/acs?canary-in-the-query`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: 'rolegate-login=canary-of-a-cookie' },
    body: new URLSearchParams({ SAMLResponse: 'canary-of-a-response', RelayState: 'canary-of-a-state' }),
  });
  await fetch(`${demo.brokerUrl}/canary-in-the-path`, { headers: { authorization: 'Bearer canary-of-a-token' } });
  await fetch(`${demo.brokerUrl}/`, { method: 'PROPFIND' });
  await spansOf('_OTHER page');
  person.close();
  const spans = exporter.getFinishedSpans();
  expect(spans.length).toBeGreaterThan(30);
  for (const { attributes } of spans) {
    for (const [key, value] of Object.entries(attributes)) expect(`${key}: ${value}`).toMatch(withKey(key));
  }
  const { SecretAccessKey, SessionToken, AccessKeyId } = JSON.parse(answer.body) as Record<string, string>;
  expect(answer.status).toBe(200);
  const text = JSON.stringify(
    spans.map(({ name, attributes, events, links, status }) => [name, attributes, events, links, status]),
  );
  for (const secret of [SecretAccessKey!, SessionToken!, AccessKeyId!, 'canary', 'alice', 'bob', 'Developer']) {
    expect(text).not.toContain(secret);
  }
});

function withKey(key: string): RegExp {
  const value = allowed[key]?.source.replace(/^\^/, '') ?? '(?!)';
  return new RegExp(`^${key.replaceAll('.', '\\.')}: ${value}`);
}
