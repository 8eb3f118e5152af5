// Takes up a changed configuration: the whole of it, or nothing. Both are in the audit trail.
import { isDeepStrictEqual } from 'node:util';
import { Counter, type Registry } from 'prom-client';
import { createAdmission } from '../broker/sign-in/admission.ts';
import { type Config, ConfigError } from '../config/config.ts';
import { type Change, describeChange } from '../config/live/diff.ts';
import type { ChangedConfig } from '../config/live/load-live.ts';
import { type Application, createApplication, createIdps, type Kept } from './application.ts';
import { reportOrganization } from './organization.ts';

export type ReloadTrigger = 'file' | 'signal' | 'organization';

export interface ReloadDeps {
  readonly kept: Kept;
  readonly current: () => Application;
  /** From now on requests go there. */
  readonly replace: (next: Application) => void;
  readonly registry: Registry;
}

/** @returns whether it took effect. Never throws */
export type Reload = (load: (running: Config) => Promise<ChangedConfig>, trigger: ReloadTrigger) => Promise<boolean>;

/** More would make a record that sinks refuse. */
const maxListed = 100;

/** One reload at a time, in the order of the calls. */
export function createReload(deps: ReloadDeps): Reload {
  const { kept, current, registry } = deps;
  const reloads = new Counter({
    name: 'rolegate_config_reloads_total',
    help: 'Changed configurations, by outcome: reloaded or rejected',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  for (const outcome of ['reloaded', 'rejected']) reloads.inc({ outcome }, 0);
  let last: Promise<unknown> = Promise.resolve();
  const reload: Reload = async (load, trigger) => {
    try {
      if (await apply(deps, await load(current().config), trigger)) reloads.inc({ outcome: 'reloaded' });
      return true;
    } catch (error) {
      reloads.inc({ outcome: 'rejected' });
      await reject(kept, current().config, error as Error, trigger);
      return false;
    }
  };
  return (load, trigger) => {
    const result = last.then(() => reload(load, trigger));
    last = result;
    return result;
  };
}

/** @returns whether there was something to record: an organization is listed again and again, mostly without news */
async function apply(
  deps: ReloadDeps,
  { config, changes, needRestart }: ChangedConfig,
  trigger: ReloadTrigger,
): Promise<boolean> {
  const { kept, current, replace } = deps;
  const before = current();
  if (trigger === 'organization' && changes.length === 0) {
    reportOrganization(config, kept.log);
    replace(createApplication(config, kept, before.idps));
    return false;
  }
  const isSame = isDeepStrictEqual(before.config.samlProviders, config.samlProviders);
  const idps = isSame ? before.idps : createIdps(config, kept);
  try {
    // Before it counts: each configuration in force has its record, and its metadata was looked for.
    if (!isSame) await idps.start();
    await kept.audit.record(
      { event: 'config_reloaded', trigger, ...reloadFacts(before.config, config, changes), needRestart },
      undefined,
    );
  } catch (error) {
    if (!isSame) idps.stop();
    throw error;
  }
  kept.limits.change(config.limits);
  kept.log.level = config.logLevel;
  kept.configHistory.loaded(needRestart);
  replace(createApplication(config, kept, idps));
  if (!isSame) before.idps.stop();
  kept.log.info(
    { trigger, version: config.source.version, changes: changes.map(describeChange) },
    'configuration reloaded',
  );
  if (needRestart.length > 0)
    kept.log.warn({ settings: needRestart }, 'changed settings need a restart to take effect');
  const known = new Set(before.config.warnings);
  for (const warning of config.warnings.filter((each) => !known.has(each)))
    kept.log.warn(`DEVELOPMENT MODE, not safe for real use: ${warning}`);
  reportOrganization(config, kept.log);
  await endRefusedSessions(kept, before.config, config);
  return true;
}

function reloadFacts(before: Config, after: Config, changes: readonly Change[]) {
  const furtherChanges = Math.max(0, changes.length - maxListed);
  return {
    previousVersion: before.source.version,
    version: after.source.version,
    changes: changes.slice(0, maxListed),
    ...(furtherChanges > 0 && { furtherChanges }),
  };
}

/** They are refused with their next request as well; so nothing is left of them where people look. */
async function endRefusedSessions({ sessionDirectory, log }: Kept, before: Config, after: Config): Promise<void> {
  const ids = ({ identityProviders }: Config) => identityProviders.map(({ id }) => id);
  // The walk reads every session of all processes.
  if (isDeepStrictEqual([before.policy.deny, ids(before)], [after.policy.deny, ids(after)])) return;
  const [admitted, admits] = [createAdmission(before), createAdmission(after)];
  const isRefused = ({ idp, user }: { idp: string; user: string }) => {
    const known = { idp, user, groups: [] };
    return admitted(known) && !admits(known);
  };
  try {
    await sessionDirectory.endRefused(isRefused);
  } catch (error) {
    log.error({ detail: (error as Error).message }, 'sessions that the configuration refuses are not ended yet');
  }
}

async function reject(
  { audit, log, configHistory }: Kept,
  running: Config,
  error: Error,
  trigger: ReloadTrigger,
): Promise<void> {
  const problems = error instanceof ConfigError ? error.problems : [error.message];
  configHistory.rejected(problems);
  log.error(
    { trigger, problems, keeps: running.source.version },
    'configuration rejected: the one before stays in force',
  );
  const further = problems.length - maxListed;
  const facts = { trigger, version: running.source.version, problems: problems.slice(0, maxListed) };
  try {
    await audit.record(
      { event: 'config_rejected', ...facts, ...(further > 0 && { furtherProblems: further }) },
      undefined,
    );
  } catch (failure) {
    log.error({ detail: (failure as Error).message }, 'the rejected configuration is not recorded');
  }
}
