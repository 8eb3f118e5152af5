// Short names for places on the AWS console: what a person picks instead of a path. Only addresses, no permissions.
import type { Partition } from './partitions.ts';

interface ConsoleService {
  readonly name: string;
  readonly path: string;
  /** Has one console for all regions, in the first region of the partition. */
  readonly isGlobal?: true;
}

/** By short name, in the order of names. Paths as the console's own menu has them; old ones redirect there. */
export const consoleServices = {
  apigateway: { name: 'API Gateway', path: '/apigateway/main/apis' },
  athena: { name: 'Athena', path: '/athena/home' },
  bedrock: { name: 'Bedrock', path: '/bedrock/home' },
  billing: { name: 'Billing and Cost Management', path: '/billing/home', isGlobal: true },
  acm: { name: 'Certificate Manager', path: '/acm/home' },
  cloudformation: { name: 'CloudFormation', path: '/cloudformation/home' },
  cloudfront: { name: 'CloudFront', path: '/cloudfront/v4/home', isGlobal: true },
  cloudshell: { name: 'CloudShell', path: '/cloudshell/home' },
  cloudtrail: { name: 'CloudTrail', path: '/cloudtrailv2/home' },
  cloudwatch: { name: 'CloudWatch', path: '/cloudwatch/home' },
  logs: { name: 'CloudWatch Logs', path: '/cloudwatch/home#logsV2:log-groups' },
  codebuild: { name: 'CodeBuild', path: '/codesuite/codebuild/projects' },
  codepipeline: { name: 'CodePipeline', path: '/codesuite/codepipeline/pipelines' },
  dynamodb: { name: 'DynamoDB', path: '/dynamodbv2/home' },
  ec2: { name: 'EC2', path: '/ec2/home' },
  ecr: { name: 'Elastic Container Registry', path: '/ecr/home' },
  ecs: { name: 'Elastic Container Service', path: '/ecs/v2/home' },
  eks: { name: 'Elastic Kubernetes Service', path: '/eks/home' },
  elasticache: { name: 'ElastiCache', path: '/elasticache/home' },
  eventbridge: { name: 'EventBridge', path: '/events/home' },
  glue: { name: 'Glue', path: '/glue/home' },
  guardduty: { name: 'GuardDuty', path: '/guardduty/home' },
  iam: { name: 'IAM', path: '/iam/home', isGlobal: true },
  kms: { name: 'Key Management Service', path: '/kms/home' },
  kinesis: { name: 'Kinesis', path: '/kinesis/home' },
  lambda: { name: 'Lambda', path: '/lambda/home' },
  opensearch: { name: 'OpenSearch Service', path: '/aos/home' },
  organizations: { name: 'Organizations', path: '/organizations/v2/home', isGlobal: true },
  rds: { name: 'RDS', path: '/rds/home' },
  redshift: { name: 'Redshift', path: '/redshiftv2/home' },
  route53: { name: 'Route 53', path: '/route53/v2/home', isGlobal: true },
  s3: { name: 'S3', path: '/s3/home' },
  sagemaker: { name: 'SageMaker', path: '/sagemaker/home' },
  secretsmanager: { name: 'Secrets Manager', path: '/secretsmanager/home' },
  sns: { name: 'SNS', path: '/sns/v3/home' },
  sqs: { name: 'SQS', path: '/sqs/v3/home' },
  stepfunctions: { name: 'Step Functions', path: '/states/home' },
  support: { name: 'Support', path: '/support/home', isGlobal: true },
  ssm: { name: 'Systems Manager', path: '/systems-manager/home' },
  vpc: { name: 'VPC', path: '/vpcconsole/home' },
} as const satisfies Readonly<Record<string, ConsoleService>>;

export type ServiceName = keyof typeof consoleServices;

export const serviceNames = Object.keys(consoleServices) as readonly ServiceName[];

/** The console page of a service in a region; a global service has one page for all. */
export function serviceUrl(name: ServiceName, region: string, partition: Partition): string {
  const { path, isGlobal }: ConsoleService = consoleServices[name];
  const place = isGlobal ? partition.firstRegion : region;
  const url = new URL(path, `https://${place}.${partition.consoleHost}`);
  url.searchParams.set('region', place);
  return url.href;
}
