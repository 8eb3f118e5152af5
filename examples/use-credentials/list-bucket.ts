// Lists a bucket with the AWS SDK, which finds credentials and region by itself: `list-bucket.ts BUCKET [PREFIX]`.
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';

const [bucket = 'sample-invoices', prefix = ''] = process.argv.slice(2);

for await (const page of paginateListObjectsV2({ client: new S3Client({}) }, { Bucket: bucket, Prefix: prefix })) {
  for (const { Key, Size } of page.Contents ?? []) console.log(`${Size}\t${Key}`);
}
