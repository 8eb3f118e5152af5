# boto3: the caller's ARN, from the credentials that the environment leads to.
import os

import boto3

client = boto3.client('sts', region_name='eu-west-1', endpoint_url=os.environ['STS_ENDPOINT'])
print(client.get_caller_identity()['Arn'])
