// The machine that this emulator pretends to be beside: the roles that EC2, ECS and EKS hand to what runs there.

import { isRecord, listOf } from '../policy/policy-values.ts';
import type { TemporaryCredentials } from '../sts/credentials.ts';
import { rolePrincipal } from '../sts/role-session.ts';
import { isoSeconds, type World } from '../world.ts';

/** What runs where, and as whom. The role's trust policy has to name the service. */
export interface EmulatedMachine {
  /** EC2: the role of the instance profile. */
  readonly instance?: { readonly id: string; readonly roleArn: string };
  /** ECS tasks, by the id at the end of the relative URI. */
  readonly tasks?: Readonly<Record<string, { readonly roleArn: string }>>;
  /** EKS Pod Identity, by service account token. */
  readonly pods?: Readonly<Record<string, { readonly name: string; readonly roleArn: string }>>;
}

type ComputeService = 'ec2' | 'ecs-tasks' | 'pods.eks';

/** Who asks: the session is the same until it is nearly over. */
export interface ComputeSession {
  readonly service: ComputeService;
  readonly roleArn: string;
  readonly sessionName: string;
}

const SESSION_SECONDS = 21_600;
/** AWS has new credentials ready at least five minutes before the old ones end. */
const AHEAD_SECONDS = 300;

/** Sessions of services, kept while they last. */
export interface ComputeSessions {
  /** Undefined if there is no such role, or if it does not trust the service. */
  find(world: World, session: ComputeSession): TemporaryCredentials | undefined;
}

export function createComputeSessions(): ComputeSessions {
  const current = new Map<string, TemporaryCredentials>();
  return {
    find(world, session) {
      const key = Object.values(session).join(' ');
      const known = current.get(key);
      const leftSeconds = ((known?.expiresAt.getTime() ?? 0) - world.now().getTime()) / 1000;
      const credentials = leftSeconds > AHEAD_SECONDS ? known : issue(world, session);
      if (credentials !== undefined) current.set(key, credentials);
      return credentials;
    },
  };
}

function issue(world: World, { service, roleArn, sessionName }: ComputeSession): TemporaryCredentials | undefined {
  const estate = world.estate();
  const found = estate.roles.get(roleArn);
  if (found === undefined || !trustsService(found.role.trustPolicy, `${service}.amazonaws.com`)) return undefined;
  const issuedAt = world.now();
  const principal = { ...rolePrincipal('service', found, sessionName), issuedAt };
  return world.credentials.issue(principal, new Date(issuedAt.getTime() + SESSION_SECONDS * 1000));
}

/** The emulator cannot evaluate conditions on services, so a statement with a condition trusts no service. */
function trustsService(policy: unknown, service: string): boolean {
  const statements = listOf(isRecord(policy) ? policy['Statement'] : undefined).filter(isRecord);
  return statements.some((statement) => {
    const principal = statement['Principal'];
    const names = listOf(isRecord(principal) ? principal['Service'] : undefined);
    const actions = listOf(statement['Action']);
    const isAllow = statement['Effect'] === 'Allow' && statement['Condition'] === undefined;
    return isAllow && names.includes(service) && actions.includes('sts:AssumeRole');
  });
}

/** The members that every kind of endpoint shows. */
export function shownCredentials(credentials: TemporaryCredentials) {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: isoSeconds(credentials.expiresAt),
  };
}
