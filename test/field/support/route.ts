// One address in front of a server: connections that are there stay where they lead, new ones go where it leads now.
import { createServer, connect as dial, type Socket } from 'node:net';

export interface Route {
  readonly port: number;
  readonly leadTo: (port: number) => void;
  /** Nothing passes on the connections there are, and none is closed. */
  readonly silence: () => void;
  readonly connections: () => number;
  readonly close: () => void;
}

export async function startRoute(first: number): Promise<Route> {
  let target = first;
  let connections = 0;
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((socket) => {
    connections++;
    const onward = dial(target, '127.0.0.1');
    const pair = [socket, onward] as const;
    pairs.add(pair);
    for (const each of pair) each.on('error', () => {});
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    leadTo: (port) => {
      target = port;
    },
    silence: () => {
      for (const [socket, onward] of pairs) {
        socket.unpipe(onward);
        onward.unpipe(socket);
        for (const each of [socket, onward]) each.resume();
      }
    },
    connections: () => connections,
    close: () => {
      for (const each of [...pairs].flat()) each.destroy();
      server.close();
    },
  };
}
