// Which path is answered by which part of the emulator, and how an answer goes out.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AdminControls, answerAdmin } from './admin.ts';
import { answerGit, isGit } from './codecommit/git.ts';
import { answerEcr, isEcr } from './ecr/ecr.ts';
import { AwsError } from './errors.ts';
import { answerJson, isFor } from './json-service.ts';
import { answerKms, isKms } from './kms/kms.ts';
import { answerFunctionUrl, isFunctionUrl } from './lambda/lambda-url.ts';
import { landingPage } from './landing-page.ts';
import { answerLogs, isLogs } from './logs/logs.ts';
import { answerContainerCredentials, isContainerCredentials } from './machine/container-credentials.ts';
import { answerInstanceMetadata, isInstanceMetadata } from './machine/instance-metadata.ts';
import { organizations } from './organizations/organizations.ts';
import { answerQuery, stsError } from './query.ts';
import { answerDatabase, isDatabase } from './rds/database-sign-in.ts';
import { headerOf, type ReceivedRequest, receiveRequest } from './received-request.ts';
import type { Reply } from './reply.ts';
import { answerS3, isS3 } from './s3/s3.ts';
import { consolePage, signOut } from './signin/console-page.ts';
import { answerFederation } from './signin/signin.ts';
import { answerSamlPost } from './signin/signin-saml.ts';
import { parameterStore } from './values/parameter-store.ts';
import { secretsManager } from './values/secrets-manager.ts';
import type { World } from './world.ts';
import { messagePage } from './xml/html.ts';

/** Receives, routes and answers one request. */
export async function answer(
  world: World,
  admin: AdminControls,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const now = world.now();
  // The clock that judges is the clock that is told: SDKs correct their skew by this header.
  response.setHeader('date', now.toUTCString());
  try {
    const context = { now, partition: world.estate().partition, region: world.region };
    const request = await receiveRequest(message, context);
    const reply = await route(world, admin, request, response);
    if (reply !== undefined) send(response, reply);
  } catch (error) {
    // The person who reads this page made no mistake: the emulator or its estate is wrong.
    const isKnown = error instanceof AwsError;
    const text = error instanceof Error ? error.message : 'unknown';
    send(response, messagePage(isKnown ? error.status : 500, isKnown ? error.code : 'Emulator failure', text));
  }
}

async function route(
  world: World,
  admin: AdminControls,
  request: ReceivedRequest,
  response: ServerResponse,
): Promise<Reply | undefined> {
  const { path, method } = request;
  if (path.startsWith('/_emu/') && request.host.kind === 'local') return answerAdmin(admin, request);
  if (isInstanceMetadata(world, request)) return answerInstanceMetadata(world, request);
  if (isContainerCredentials(world, request)) return answerContainerCredentials(world, request);
  if (isLogs(request)) return answerLogs(world, request);
  if (isKms(request)) return answerKms(world, request, response);
  for (const service of [secretsManager, parameterStore, organizations]) {
    if (isFor(service, request)) return answerJson(service, world, request, response);
  }
  if (isEcr(request)) return answerEcr(world, request);
  if (isFunctionUrl(request)) return answerFunctionUrl(world, request);
  if (isGit(request)) return answerGit(world, request);
  if (isDatabase(request)) return answerDatabase(world, request);
  if (isS3(world, request)) return answerS3(world, request);
  if (path === '/') return answerSts(world, request, response);
  try {
    if (!(await world.faults.strike('signin', response))) return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return messagePage(error.status, error.code, error.message);
  }
  if (path === '/federation' && isGetOrPost(method)) return answerFederation(world, request);
  if (isSamlPath(path)) {
    return method === 'POST' ? answerSamlPost(world, request) : messagePage(405, 'Method not allowed', 'Use POST.');
  }
  if (path === '/oauth' && isGetOrPost(method)) return signOut(world, request);
  if (path === '/console' || path.startsWith('/console/')) return consolePage(world, request);
  return messagePage(404, 'Not found', 'There is nothing at this address.');
}

async function answerSts(world: World, request: ReceivedRequest, response: ServerResponse): Promise<Reply | undefined> {
  const wantsPage = (headerOf(request, 'accept') ?? '').includes('text/html');
  if (request.method === 'GET' && wantsPage && request.query === '') return landingPage(world);
  if (!isGetOrPost(request.method)) return stsError(request, new AwsError(405, 'MethodNotAllowed', 'Use GET or POST'));
  try {
    if (!(await world.faults.strike('sts', response))) return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return stsError(request, error);
  }
  return answerQuery(world, request);
}

function isGetOrPost(method: string): boolean {
  return method === 'GET' || method === 'POST';
}

function isSamlPath(path: string): boolean {
  return path === '/saml' || path.startsWith('/saml/acs/');
}

function send(response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const length = { 'content-length': Buffer.byteLength(reply.body) };
  response.writeHead(reply.status, { ...length, ...reply.headers });
  response.end(reply.body);
}
