"""A real S3 server for tests: moto's, in its own process, over HTTP."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import boto3

from tests.isolation import free_port

BUCKET = "store-monitoring"
KEYS = {"MEDIA_S3_ACCESS_KEY_ID": "a-key", "MEDIA_S3_SECRET_ACCESS_KEY": "a-secret"}
PATIENCE = 20.0


class Bucket:
    """A bucket on a server, and the environment that has the project use it."""

    def __init__(self, port):
        self.environment = {
            "MEDIA_S3_BUCKET": BUCKET,
            "MEDIA_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "MEDIA_S3_REGION": "eu-central-1",
            "MEDIA_S3_PREFIX": "kept/here",
            **KEYS,
        }
        self.client = boto3.client(
            "s3",
            endpoint_url=self.environment["MEDIA_S3_ENDPOINT_URL"],
            region_name=self.environment["MEDIA_S3_REGION"],
            aws_access_key_id=KEYS["MEDIA_S3_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["MEDIA_S3_SECRET_ACCESS_KEY"],
        )
        place = {"LocationConstraint": self.environment["MEDIA_S3_REGION"]}
        self.client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)

    def objects(self):
        """Return the content of every object by its name without the prefix."""
        listed = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            found["Key"].removeprefix("kept/here/"): self.client.get_object(
                Bucket=BUCKET, Key=found["Key"]
            )["Body"].read()
            for found in listed
        }

    def empty(self):
        for found in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            self.client.delete_object(Bucket=BUCKET, Key=found["Key"])

    def unfinished_uploads(self):
        return self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


@contextmanager
def bucket():
    """Start a server, make an empty bucket on it and yield it; end the server afterwards."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(server, port)
        yield Bucket(port)
    finally:
        server.terminate()
        server.wait()


def _wait_for(server, port):
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the S3 server did not start")
