// What the broker fetches from an issuer: from allowed addresses only, and of a bounded size.

/** Discovery, keys and tokens are some kilobytes; an endless answer must not fill this process's memory. */
const maxAnswerBytes = 512 * 1024;

export function bounded(
  fetch: typeof globalThis.fetch,
  isAllowed: (address: string) => boolean,
): typeof globalThis.fetch {
  return async (...request) => {
    const address = request[0] instanceof Request ? request[0].url : String(request[0]);
    if (!isAllowed(address)) throw elsewhere(address);
    const { status, headers, body } = await fetch(...request);
    // In either case a Response of Node's own: the library takes no other.
    if (!body) return new Response(null, { status, headers });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      // Leaving the loop cancels the body.
      if (bytes > maxAnswerBytes) throw new Error('answered more than 512 KiB');
      chunks.push(chunk);
    }
    return new Response(Buffer.concat(chunks), { status, headers });
  };
}

export function elsewhere(address: string): Error & { code: string } {
  const host = URL.canParse(address) ? new URL(address).host.slice(0, 100) : 'an unreadable address';
  const code = `its endpoint is on ${host}, outside the issuer's domain: see openid.endpointHosts`;
  return Object.assign(new Error(code), { code });
}
