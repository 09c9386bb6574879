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
PREFIX = "kept/here/"
KEYS = {"MEDIA_S3_ACCESS_KEY_ID": "a-key", "MEDIA_S3_SECRET_ACCESS_KEY": "a-secret"}
PATIENCE = 20.0


class Bucket:
    """A bucket on a server, and the environment that has the project use it."""

    def __init__(self, address, port):
        self.environment = {
            "MEDIA_S3_BUCKET": BUCKET,
            "MEDIA_S3_ENDPOINT_URL": f"http://{address}:{port}",
            "MEDIA_S3_REGION": "eu-central-1",
            "MEDIA_S3_PREFIX": PREFIX.rstrip("/"),
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
        return {name: self.content(name) for name in self.names()}

    def names(self):
        """Return the names of all objects without the prefix."""
        listed = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        found = [each["Key"] for page in listed for each in page.get("Contents", [])]
        return [key.removeprefix(PREFIX) for key in found]

    def content(self, name):
        return self.client.get_object(Bucket=BUCKET, Key=f"{PREFIX}{name}")["Body"].read()

    def empty(self):
        for found in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            self.client.delete_object(Bucket=BUCKET, Key=found["Key"])

    def unfinished_uploads(self):
        return self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


@contextmanager
def bucket(address="127.0.0.1"):
    """Start a server, make an empty bucket on it and yield it; end the server afterwards."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", address, "-p", str(port)],
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(server, address, port)
        yield Bucket(address, port)
    finally:
        server.terminate()
        server.wait()


def _wait_for(server, address, port):
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the S3 server did not start")
