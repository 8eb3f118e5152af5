// A company's proxy: it takes CONNECT and leads every name to this machine.
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ConnectProxy {
  /** With a name and a password where it wants them. */
  readonly url: string;
  /** Host and port of each CONNECT. */
  readonly targets: string[];
  readonly stop: () => Promise<void>;
}

/** @param portOf where a port of the name is on this machine */
export async function startConnectProxy(
  userAndPassword?: string,
  portOf: (port: number) => number = (port) => port,
): Promise<ConnectProxy> {
  const targets: string[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  // The server does not close tunnels: they may stay open.
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => void sockets.add(socket));
  server.on('connect', (request, socket, head) => {
    targets.push(request.url ?? '');
    const wanted = userAndPassword && `Basic ${Buffer.from(userAndPassword).toString('base64')}`;
    if (request.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const there = connect(portOf(Number(request.url?.split(':').at(-1))), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    sockets.add(there);
    for (const end of [there, socket]) end.on('error', () => void [there.destroy(), socket.destroy()]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${userAndPassword ? `${userAndPassword}@` : ''}127.0.0.1:${port}`,
    targets,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
