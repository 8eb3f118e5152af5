// Why Redis cannot be used, in one line. The driver often rejects a command with what followed from the cause, and says the
// cause itself in an event, or nowhere.
import type { Cluster, Redis } from 'ioredis';

export interface RedisCauses {
  /** Of a connection of the driver's own. */
  note(error: Error, place: string): void;
  /** Something works: what was noted is over. */
  forget(): void;
  /** The reason why a command failed. */
  explain(error: Error): string;
}

const consequence =
  /max retries per request|^Connection is closed|refresh slots cache|^None of startup nodes|^All sentinels|^Cluster is|timed? ?out$|^no answer in time|redirections/i;

export function createCauses(client: Redis | Cluster, usesTls: boolean): RedisCauses {
  let noted: string | undefined;
  const note = (error: Error, place?: string) => {
    const text = describe(error, usesTls);
    if (consequence.test(text) && (noted !== undefined || place === undefined)) return;
    noted = place === undefined ? text : `${place}: ${text}`;
  };
  client.on('error', (error) => note(error));
  client.on('node error', (error: Error, place: string) => note(error, place));
  client.on('sentinelError', ({ message }: Error) => {
    const [, place, why] = /sentinel (\S+) (?:because (.*)|successfully.*)$/s.exec(message) ?? [];
    const isUnknown = why === undefined || /No such master/.test(why);
    note(new Error(isUnknown ? 'knows no master of the name in store.sentinels.name' : why), `Sentinel ${place}`);
  });
  return {
    note,
    forget: () => {
      noted = undefined;
    },
    explain: (error) => {
      const text = describe(error, usesTls);
      if (!consequence.test(text)) return text;
      if (noted !== undefined) return /no answer in time/.test(text) ? `${noted} (${text})` : noted;
      if (/no answer in time/.test(text)) return text;
      return `the server closes the connection (${usesTls ? 'does it want a client certificate?' : 'does it want TLS?'})`;
    },
  };
}

function describe(error: Error, usesTls: boolean): string {
  // A name with several addresses: no text, and one error for each.
  const all = error instanceof AggregateError ? error.errors.map((each: Error) => each.message).join(', ') : '';
  // A server that does not know AUTH or HELLO repeats their arguments, the password among them.
  const text = (error.message || all)
    .replace(/,? *with args beginning with.*/s, '')
    .replace(/\s+/g, ' ')
    .replace(' Please report this.', '')
    .trim();
  const hint = hintFor(text, (error as NodeJS.ErrnoException).code, usesTls);
  return `${text.slice(0, 300)}${hint === undefined ? '' : ` (${hint})`}`;
}

function hintFor(text: string, code: string | undefined, usesTls: boolean): string | undefined {
  if (/^(?:Protocol error|Unknown RESP type)/.test(text))
    return 'is this a Redis server, and should this connection use TLS?';
  if (usesTls && (code === 'ETIMEDOUT' || /wrong version number|packet length too long/.test(text))) {
    return 'no TLS on this port?';
  }
  if (usesTls && /ECONNRESET|EPIPE|certificate required|handshake failure|socket disconnected/.test(text)) {
    return 'does the server want a client certificate? store.cert and store.key';
  }
  if (/ECONNRESET|EPIPE/.test(text)) return 'does the server want TLS?';
  if (/^NOAUTH/.test(text)) return 'no password is configured';
  return undefined;
}
