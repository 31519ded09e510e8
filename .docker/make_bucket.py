"""Make the bucket of S3_BUCKET where it does not exist yet, for the storage that docker-compose starts."""

import os
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError

TRIES = 30


def main() -> None:
    bucket = os.environ["S3_BUCKET"]
    client = boto3.client(
        "s3",
        endpoint_url=os.environ["S3_ENDPOINT_URL"],
        region_name=os.environ.get("S3_REGION") or "us-east-1",
        aws_access_key_id=os.environ["S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["S3_SECRET_KEY"],
    )
    for attempt in range(1, TRIES + 1):
        try:
            if bucket not in {found["Name"] for found in client.list_buckets()["Buckets"]}:
                client.create_bucket(Bucket=bucket)
        except (BotoCoreError, ClientError):
            if attempt == TRIES:
                raise
            time.sleep(1)  # The storage is starting.
        else:
            return


if __name__ == "__main__":
    main()
