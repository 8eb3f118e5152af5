// A listener on the way to a server that notes how each connection begins: 0x16 is a TLS handshake (RFC 8446 §5.1).
import { createServer, connect as dial, type Socket } from 'node:net';

export interface FirstBytes {
  readonly port: number;
  /** Of each connection that sent something. */
  readonly seen: () => readonly number[];
  /** Passes everything on to this port of 127.0.0.1; until then connections wait. */
  readonly passTo: (port: number) => void;
  readonly close: () => Promise<void>;
}

export async function startFirstBytes(): Promise<FirstBytes> {
  const seen: number[] = [];
  const sockets = new Set<Socket>();
  let passTo: FirstBytes['passTo'] = () => {};
  const target = new Promise<number>((resolve) => {
    passTo = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', async (chunk: Buffer) => {
      seen.push(chunk[0]!);
      socket.pause();
      const onward = dial(await target, '127.0.0.1');
      sockets.add(onward.on('error', () => socket.destroy()));
      onward.write(chunk);
      socket.pipe(onward).pipe(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    seen: () => seen,
    passTo,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
