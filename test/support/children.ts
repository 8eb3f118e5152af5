// Programs that tests start end with the test process, however that ends: its exit handlers do not run after SIGKILL.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

// Keeps the list of what runs; when its standard input closes, this process is gone, and so is everything on the list.
const watchdogScript = `
living=
while read -r change pid; do
  case $change in
    +) living="$living $pid" ;;
    -) rest=; for one in $living; do [ "$one" = "$pid" ] || rest="$rest $one"; done; living=$rest ;;
  esac
done
[ -z "$living" ] || kill -KILL $living`;

let watchdog: Writable | undefined;

/** Registers a child that has just been started, and returns it. */
export function endsWithUs<T extends ChildProcess>(child: T): T {
  const { pid } = child;
  if (pid === undefined) return child; // it could not be started, and says so by its `error` event
  watchdog ??= startWatchdog();
  watchdog.write(`+ ${pid}\n`);
  child.once('exit', () => watchdog?.write(`- ${pid}\n`));
  return child;
}

/** Kills with SIGKILL, which ends a stopped process as well, and waits for the end. */
export function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** In a separate session, so that Ctrl-C in a terminal ends the tests and not the watchdog. */
function startWatchdog(): Writable {
  const shell = spawn('sh', ['-c', watchdogScript], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  const input = shell.stdin;
  input.on('error', () => {}); // the watchdog has exited: ignore
  (input as Writable & { unref?: () => void }).unref?.();
  return input;
}
