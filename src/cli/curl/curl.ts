// `rolegate curl`: one HTTP request, signed with the credentials of a role, for services without a CLI command: Lambda
// function URLs, API Gateway, objects in S3.
import { obtainCredentials } from '../credentials/credentials.ts';
import { readRoleRequest, type SessionOptions } from '../credentials/session-options.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { type BodyOptions, readBody } from './curl-body.ts';
import { type OutputOptions, sendSigned } from './curl-send.ts';
import { signRequest } from './curl-sign.ts';
import { readTarget, type TargetOptions } from './curl-target.ts';

export interface CurlOptions extends BodyOptions, OutputOptions, TargetOptions, SessionOptions {
  readonly broker?: string;
  readonly role?: string;
  readonly request?: string;
  readonly header?: readonly string[];
  readonly dataBinary?: string;
  readonly unsignedPayload?: boolean;
}

/** @throws CliError */
export async function curl(context: CliContext, url: string, options: CurlOptions): Promise<void> {
  const target = readTarget(url, options);
  if (options.unsignedPayload && target.service !== 's3') {
    throw new CliError('usage', 'only S3 takes a body that is not signed');
  }
  if (options.data !== undefined && options.dataBinary !== undefined) {
    throw new CliError('usage', 'a request has one body: give --data or --data-binary, not both');
  }
  const data = options.data ?? options.dataBinary;
  const method = options.request ?? (options.uploadFile !== undefined ? 'PUT' : data !== undefined ? 'POST' : 'GET');
  if (!/^[A-Z]{1,16}$/.test(method) || method === 'CONNECT') throw new CliError('usage', `${method} is not a method`);
  const given = readHeaders(options.header ?? []);
  const body = await readBody(context, { data, uploadFile: options.uploadFile });
  const payloadHash = options.unsignedPayload ? 'UNSIGNED-PAYLOAD' : await body.hash();
  // Not its region: that one is what the signature is for.
  const { region: _, ...roleOptions } = options;
  const request = await readRoleRequest(context, options.role, roleOptions);
  const credentials = await obtainCredentials(context, request);
  const hasBody = data !== undefined || options.uploadFile !== undefined;
  const defaults = data === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  // S3 takes no body whose length it does not know.
  const length = hasBody || method === 'PUT' || method === 'POST' ? { 'content-length': `${body.sizeBytes}` } : {};
  const headers = { ...defaults, ...given, ...length };
  const now = context.clock.now();
  const signed = await signRequest({ method, target, headers, payloadHash, credentials, now });
  await sendSigned(context, { method, target, headers: signed, body }, options);
}

/** What the signature consists of, and what decides how the message is framed. */
const ownHeaders =
  /^(host|authorization|content-length|transfer-encoding|connection|expect|upgrade)$|^x-amz-(date|security-token|content-sha256)$/;

/** @throws CliError usage */
function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t -~\u0080-\u00ff]+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new CliError('usage', 'a header is written as "Name: value"');
    }
    const key = name.toLowerCase();
    if (ownHeaders.test(key)) throw new CliError('usage', `${name} is set by the signature or the body`);
    headers[key] = headers[key] === undefined ? value.trim() : `${headers[key]}, ${value.trim()}`;
  }
  return headers;
}
