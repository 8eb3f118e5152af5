// The admin API under /_emu/*: events, clock, faults. For tests and demonstrations that run in another process.
import type { CloudTrailLikeEvent } from './events.ts';
import { type FaultSettings, type Faults, faultScopes } from './faults.ts';
import { isRecord } from './policy/policy-values.ts';
import { headerOf, type ReceivedRequest } from './received-request.ts';
import type { Reply } from './reply.ts';

/** What the admin API turns. */
export interface AdminControls {
  readonly events: CloudTrailLikeEvent[];
  readonly faults: Faults;
  clockOffsetSeconds(): number;
  setClockOffset(seconds: number): void;
}

/** Answers one request under /_emu/. */
export function answerAdmin(controls: AdminControls, request: ReceivedRequest): Reply {
  const route = `${request.method} ${request.path}`;
  if (route === 'GET /_emu/events') return json(200, { events: controls.events });
  if (route === 'DELETE /_emu/events') {
    controls.events.length = 0;
    return json(200, { events: [] });
  }
  if (route === 'GET /_emu/clock') return json(200, { offsetSeconds: controls.clockOffsetSeconds() });
  if (route === 'GET /_emu/faults') return json(200, controls.faults.current);
  if (route === 'DELETE /_emu/faults') {
    controls.faults.clear();
    return json(200, controls.faults.current);
  }
  if (route !== 'POST /_emu/clock' && route !== 'POST /_emu/faults') return json(404, { error: 'unknown route' });
  const body = readJson(request);
  if (body === undefined) return json(400, { error: 'a JSON object with content-type application/json is needed' });
  return request.path === '/_emu/clock' ? turnClock(controls, body) : setFaults(controls, body);
}

/** JSON only: a page in a browser cannot send that content type across origins without asking first. */
function readJson(request: ReceivedRequest): Readonly<Record<string, unknown>> | undefined {
  if (!/^application\/json\b/.test(headerOf(request, 'content-type') ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(request.body.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function turnClock(controls: AdminControls, body: Readonly<Record<string, unknown>>): Reply {
  const seconds = body['offsetSeconds'];
  const isUsable = typeof seconds === 'number' && Number.isFinite(seconds) && Math.abs(seconds) <= 3_155_760_000;
  if (!isUsable) return json(400, { error: 'offsetSeconds must be a number' });
  controls.setClockOffset(seconds);
  return json(200, { offsetSeconds: seconds });
}

function setFaults(controls: AdminControls, body: Readonly<Record<string, unknown>>): Reply {
  const settings = readFaults(body);
  if (settings === undefined) return json(400, { error: 'unknown or ill-typed fault' });
  controls.faults.set(settings);
  return json(200, controls.faults.current);
}

function readFaults(body: Readonly<Record<string, unknown>>): FaultSettings | undefined {
  const { latencyMs, reset, status, throttleEvery, times, scope, ...unknown } = body;
  const isCount = (value: unknown): value is number | undefined =>
    value === undefined || (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 600_000);
  if (Object.keys(unknown).length > 0 || !isCount(latencyMs) || !isCount(throttleEvery) || !isCount(times)) {
    return undefined;
  }
  if (reset !== undefined && typeof reset !== 'boolean') return undefined;
  if (status !== undefined && status !== 500 && status !== 503) return undefined;
  const knownScope = faultScopes.find((each) => each === scope);
  if (scope !== knownScope) return undefined;
  return {
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(reset === undefined ? {} : { reset }),
    ...(status === undefined ? {} : { status }),
    ...(throttleEvery === undefined ? {} : { throttleEvery }),
    ...(times === undefined ? {} : { times }),
    ...(knownScope === undefined ? {} : { scope: knownScope }),
  };
}

function json(status: number, value: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
