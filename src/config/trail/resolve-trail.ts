// Resolves the section `audit`: makes paths absolute, reads keys and certificates.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { createFileSigner, type Signer } from '../../signer.ts';
import { checkPermissions, type LoadContext, loadTlsKeyPair, parseKey, readText, readTrusted } from '../keys.ts';
import { type KmsDefaults, kmsSigner } from '../signing-keys.ts';
import type { AuditSection, SinkSection } from './trail-section.ts';

/** Undefined after adding to the problems. */
export function resolveAudit({ type, path, sinks, signing }: AuditSection, context: LoadContext, kms: KmsDefaults) {
  const single: SinkSection[] =
    type === 'file' && path !== undefined ? [{ type, path, ...alone }] : [{ type: 'stdout', ...alone }];
  return {
    sinks: (sinks ?? single).map((sink, index) => resolveSink(sink, `audit.sinks[${index}]`, context)),
    signing: signing && {
      signer: auditSigner(signing, context, kms),
      everyMs: signing.interval,
      everyRecords: signing.records,
    },
  };
}

const alone = { mode: 'required', buffer: 10_000 } as const;

export type AuditSinkSettings = ReturnType<typeof resolveSink>;

function resolveSink(sink: SinkSection, path: string, context: LoadContext) {
  if (sink.type === 'file') return { ...sink, path: resolve(context.directory, sink.path) };
  if (sink.type !== 'syslog') return sink;
  const { ca, cert, key, ...rest } = sink;
  if (!sink.tls && (ca ?? cert ?? key) !== undefined) {
    context.problems.push(`${path}: ca, cert and key count with TLS only`);
  }
  if ((cert === undefined) !== (key === undefined)) context.problems.push(`${path}: give both cert and key`);
  return {
    ...rest,
    ca: ca === undefined ? undefined : readTrusted(ca, `${path}.ca`, context),
    client: cert === undefined || key === undefined ? undefined : readClient({ cert, key }, path, context),
  };
}

function readClient(pair: { cert: string; key: string }, path: string, context: LoadContext) {
  const loaded = loadTlsKeyPair(pair, path, context);
  const key = readText(pair.key, `${path}.key`, { ...context, problems: [] });
  return loaded && key !== undefined ? { cert: loaded.certificate, key } : undefined;
}

function auditSigner(
  { key, kms, publicKey }: NonNullable<AuditSection['signing']>,
  context: LoadContext,
  defaults: KmsDefaults,
): Signer | undefined {
  if (key !== undefined) {
    const privateKey = readSigningKey(key, context);
    return privateKey && createFileSigner(privateKey);
  }
  const path = 'audit.signing.publicKey';
  const pem = publicKey === undefined ? undefined : readTrusted(publicKey, path, context);
  if (!kms || pem === undefined) return undefined;
  try {
    const parsed = createPublicKey(pem);
    if (parsed.asymmetricKeyType === 'rsa') return kmsSigner(kms, parsed, defaults);
    context.problems.push(`${path}: must be RSA`);
  } catch {
    context.problems.push(`${path}: ${publicKey} is neither a public key nor a certificate (PEM)`);
  }
  return undefined;
}

function readSigningKey(file: string, context: LoadContext): KeyObject | undefined {
  const path = 'audit.signing.key';
  const text = readText(file, path, context);
  if (text === undefined) return undefined;
  checkPermissions(file, path, context);
  const key = parseKey(text, path, context);
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
  const isGood = key?.asymmetricKeyType === 'ed25519' || (key?.asymmetricKeyType === 'rsa' && bits >= 2048);
  if (key && !isGood) context.problems.push(`${path}: must be Ed25519, or RSA of 2048 bits or more`);
  return isGood ? key : undefined;
}
