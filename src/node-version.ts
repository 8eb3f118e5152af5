// Says once, in our words, that this line of Node gets no more fixes.
import type { Logger } from './log.ts';

const oldestMaintained = 22;

export function warnOfOldNode(log: Logger): void {
  // The AWS SDK has its own many lines about the same thing.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestMaintained) log.warn(`Node ${major} no longer gets security fixes: run Rolegate on Node 24`);
}
