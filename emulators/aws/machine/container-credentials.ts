// The endpoints from which containers get the credentials of their role: ECS at /v2/credentials/ID, which anybody on the
// task's own network may ask, and EKS Pod Identity at /v1/credentials, which wants the service account token.

import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { equalSecrets } from '../sts/credentials.ts';
import type { World } from '../world.ts';
import { type ComputeSession, shownCredentials } from './machine.ts';

const ECS = /^\/v2\/credentials\/([\w-]{1,64})$/;
const EKS = '/v1/credentials';

/** Whether a request is for container credentials; only where the estate has containers. */
export function isContainerCredentials(world: World, { host, path }: ReceivedRequest): boolean {
  const { tasks, pods } = world.estate().machine ?? {};
  if (host.kind !== 'local') return false;
  return (tasks !== undefined && ECS.test(path)) || (pods !== undefined && path === EKS);
}

export function answerContainerCredentials(world: World, request: ReceivedRequest): Reply {
  if (request.method !== 'GET') return json(405, { message: 'Method Not Allowed' });
  return request.path === EKS ? answerPod(world, request) : answerTask(world, request);
}

function answerTask(world: World, request: ReceivedRequest): Reply {
  const id = ECS.exec(request.path)?.[1] ?? '';
  const task = world.estate().machine?.tasks?.[id];
  const session = task && { service: 'ecs-tasks' as const, roleArn: task.roleArn, sessionName: id };
  const credentials = session && world.computeSessions.find(world, session);
  if (session !== undefined && credentials !== undefined) {
    return json(200, { RoleArn: session.roleArn, ...shownCredentials(credentials) });
  }
  return json(400, { code: 'InvalidIdInRequest', message: 'CredentialsV2Request: ID not found', HTTPErrorCode: 400 });
}

function answerPod(world: World, request: ReceivedRequest): Reply {
  const token = headerOf(request, 'authorization') ?? '';
  const pods = Object.entries(world.estate().machine?.pods ?? {});
  const pod = pods.find(([known]) => equalSecrets(known, token))?.[1];
  if (pod === undefined) return json(400, { message: 'Service account token cannot be empty or is not valid' });
  const session: ComputeSession = { service: 'pods.eks', roleArn: pod.roleArn, sessionName: `eks-${pod.name}` };
  const credentials = world.computeSessions.find(world, session);
  if (credentials === undefined) return json(403, { message: 'The role cannot be assumed by EKS Pod Identity' });
  return json(200, { ...shownCredentials(credentials), AccountId: pod.roleArn.split(':')[4] ?? '' });
}

function json(status: number, body: Readonly<Record<string, string | number>>): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
