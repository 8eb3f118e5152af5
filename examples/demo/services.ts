// What runs in the sample company's accounts: a bucket, a function, a repository and a database in payments-dev, a bucket
// in payments-staging with a role that trusts callers from payments-dev; and what each role may do.
import type { EmulatedAccount } from '../../emulators/aws/server.ts';

type Services = Pick<EmulatedAccount, 'buckets' | 'functions' | 'repositories' | 'databases' | 'roles'>;

const region = 'eu-west-1';
const developer = 'arn:aws:iam::444455556666:role/Developer';
export const invoiceReader = 'arn:aws:iam::333344445555:role/InvoiceReader';

const services: Readonly<Record<string, Services>> = {
  'payments-dev': {
    roles: [],
    buckets: [
      {
        name: 'sample-invoices',
        region,
        objects: { '2026/01.csv': 'id,amount\n1,10\n', '2026/02.csv': 'id,amount\n2,20\n' },
      },
    ],
    functions: [
      {
        name: 'invoice-total',
        urlId: 'invoicetotal',
        region,
        authType: 'AWS_IAM',
        handler: ({ rawPath, requestContext }) => ({
          body: JSON.stringify({ month: rawPath.slice(1), total: 30, askedBy: requestContext.authorizer?.iam.userArn }),
        }),
      },
    ],
    repositories: [{ name: 'payments', region, head: '5a2d8f0c4b7e91360d5c8a1f2e3b4c6d7a8f9012' }],
    databases: [{ resourceId: 'db-PAYMENTS', hostname: 'db.abc1.eu-west-1.rds.amazonaws.com', port: 5432 }],
  },
  'payments-staging': {
    buckets: [{ name: 'staging-invoices', region, objects: { '2026/01.csv': 'id,amount\n' } }],
    roles: [
      {
        name: 'InvoiceReader',
        trustPolicy: {
          Statement: allow(['sts:AssumeRole', 'sts:SetSourceIdentity'], { Principal: { AWS: developer } }),
        },
        policies: [{ Statement: allow(['s3:ListBucket', 's3:GetObject'], { Resource: '*' }) }],
      },
    ],
  },
};

/** Beside the roles that people sign in to. */
export function servicesOf(alias: string): Services {
  return services[alias] ?? { roles: [] };
}

/** The identity policies of a role. */
export function policiesOf(roleName: string): readonly unknown[] {
  if (roleName === 'Admin') return [{ Statement: allow('*', { Resource: '*' }) }];
  const read = allow(['*:Get*', '*:List*', '*:Describe*'], { Resource: '*' });
  if (roleName !== 'Developer') return [{ Statement: read }];
  const work = allow(['s3:*', 'lambda:*', 'codecommit:GitPull'], { Resource: '*' });
  const connect = allow('rds-db:connect', { Resource: 'arn:aws:rds-db:eu-west-1:444455556666:dbuser:db-PAYMENTS/app' });
  const assume = allow(['sts:AssumeRole', 'sts:SetSourceIdentity'], { Resource: invoiceReader });
  return [{ Statement: [read, work, connect, assume] }];
}

function allow(Action: string | readonly string[], more: Readonly<Record<string, unknown>>) {
  return { Effect: 'Allow', Action, ...more };
}
