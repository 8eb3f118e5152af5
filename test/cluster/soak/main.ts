// `npm run soak -- --minutes N`: the soak of the cluster tests for as long as wanted, an hour by default, with Sentinels.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startSentinels } from '../support/redis.ts';
import { play } from '../support/scene.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const minutes = Number(values.minutes);
if (!(minutes >= 1)) throw new Error(`--minutes ${values.minutes}: give a number of minutes, 1 or more`);
const load = () =>
  `load ${loadavg()
    .map((each) => each.toFixed(1))
    .join(' ')} on ${cpus().length} CPUs`;
process.stdout.write(`soak of ${minutes} minutes, Node ${process.version}, ${load()}\n`);
// A machine that stalls for seconds delays the sink and the store, which are processes of it; the summary counts such answers.
await play(`soak of ${minutes} minutes`, startSentinels, [soak(minutes, [/^broker 503/])]);
process.stdout.write(`flat, and the audit trail is good; ${load()}\n`);
