// What a command of `rolegate-server` gets from the process that runs it, and the option that all of them have.
import type { Writable } from 'node:stream';
import { Option } from 'commander';
import type { Clock } from '../clock.ts';
import { type Config, ConfigError } from '../config/config.ts';
import type { ChangedConfig } from '../config/live/load-live.ts';
import type { LoadOptions } from '../config/load.ts';
import type { RandomBytes } from '../random.ts';

export interface ServerContext {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** @throws ConfigError with every problem found */
  readonly load: (options: ConfigOption, more?: LoadOptions) => Promise<Config>;
  /** For a process that runs with a configuration. @throws ConfigError with every problem found */
  readonly loadChanged: (file: string, running: Config) => Promise<ChangedConfig>;
  /** Watches the configuration and what it includes. @returns what ends it */
  readonly watch: (file: string, onChange: () => Promise<void>) => Promise<() => void>;
  /** Calls back for SIGHUP from now on, and for one that came while `start` was starting. */
  readonly onHangup: (act: () => void) => void;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** The process ends with 1 when the command has finished. */
  readonly fail: () => void;
  /** Asks the operator; undefined where there is no terminal. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
  /** `start` listens: from here on there are requests. */
  readonly started: () => void;
  /** Ends the process at once; an error is printed and ends it with 1. */
  readonly exit: (error?: Error) => void;
}

export interface ConfigOption {
  readonly config: string;
}

export function configOption(): Option {
  return new Option('--config <file>', 'configuration file').env('ROLEGATE_CONFIG').default('config/rolegate.yaml');
}

export function print({ stdout }: ServerContext, text: string): void {
  stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** For commander: an argument that is one of these. @throws ConfigError */
export function oneOf<T extends string>(...allowed: readonly T[]) {
  return (value: string): T => {
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw new ConfigError(value, [`must be ${allowed.join(' or ')}`]);
    return found;
  };
}
