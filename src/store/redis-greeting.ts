// What a server says at once to a connection that it does not want: protected mode, too many clients. It closes then, and the
// driver, whose first command meets the end, reports the end alone.
import { connect } from 'node:net';

const waitMs = 500;

/** @returns the refusal of the first of these servers that has one; undefined if each waits for a command */
export async function readRefusal(
  servers: readonly { readonly host: string; readonly port: number }[],
): Promise<string | undefined> {
  for (const { host, port } of servers) {
    const greeting = await readGreeting(host, port);
    if (greeting.startsWith('-')) return `${host}:${port}: ${greeting.slice(1, 300).trim()}`;
  }
  return undefined;
}

function readGreeting(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host, port, timeout: waitMs });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}
