import { beforeEach, expect, test } from 'vitest';
import { createFailover, type Failover } from '../../src/aws/failover.ts';

class Outage extends Error {}

let now: number;
let down: Set<string>;
let called: string[];
let opened: string[];
let failover: Failover;

beforeEach(() => {
  now = Date.parse('2026-03-02T09:00:00Z');
  down = new Set();
  called = [];
  opened = [];
  failover = createFailover({
    clock: { now: () => new Date(now) },
    isOutage: (error) => error instanceof Outage,
    onOpen: (region) => opened.push(region),
  });
});

const regions = ['eu-west-1', 'eu-central-1'];
const ask = () =>
  failover.run(regions, async (region) => {
    called.push(region);
    if (down.has(region)) throw new Outage(`${region} is down`);
    return region;
  });
const callsOf = async () => {
  called = [];
  await ask();
  return called;
};

test('the first region answers as long as it is up', async () => {
  expect(await ask()).toBe('eu-west-1');
  expect(called).toEqual(['eu-west-1']);
});

test('the next one answers where the first is down', async () => {
  down.add('eu-west-1');
  expect(await ask()).toBe('eu-central-1');
});

test('after three outages in a row a region is passed over for half a minute, then tried once', async () => {
  down.add('eu-west-1');
  for (let i = 0; i < 3; i++) expect(await callsOf()).toEqual(regions);
  expect(opened).toEqual(['eu-west-1']);
  expect(await callsOf()).toEqual(['eu-central-1']);
  now += 30_000;
  expect(await callsOf()).toEqual(regions);
  expect(await callsOf()).toEqual(['eu-central-1']);
  now += 30_000;
  down.clear();
  expect(await callsOf()).toEqual(['eu-west-1']);
});

test('an answer in between closes the count', async () => {
  down.add('eu-west-1');
  await ask();
  await ask();
  down.clear();
  await ask();
  down.add('eu-west-1');
  await ask();
  await ask();
  expect(await callsOf()).toEqual(regions);
});

test('an error that is not an outage is the answer: no other region is asked', async () => {
  const refuse = failover.run(regions, async (region) => {
    called.push(region);
    throw new Error('AccessDenied');
  });
  await expect(refuse).rejects.toThrow('AccessDenied');
  expect(called).toEqual(['eu-west-1']);
});

test('where all are down, all are tried and the last one speaks', async () => {
  for (const region of regions) down.add(region);
  for (let i = 0; i < 3; i++) await expect(ask()).rejects.toThrow('eu-central-1 is down');
  called = [];
  await expect(ask()).rejects.toThrow(Outage);
  expect(called).toEqual(regions);
});
