"""The bucket, below the prefix."""
import time
from dataclasses import dataclass
from datetime import datetime

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from config import Config
from log import fail

# wal-g asks a server that is away for more than 200 seconds.
PATIENCE = 200
PART = 20 * 1024 * 1024


@dataclass
class Stored:
    """An object: its path below the prefix, bytes, and when the store says that it was written."""

    path: str
    size: int
    modified: datetime


class Storage:
    def __init__(self, config: Config):
        self.bucket, self.prefix = config.place()
        self._client = boto3.client(
            "s3",
            endpoint_url=config.get("AWS_ENDPOINT", "") or None,
            region_name=config.get("AWS_REGION", "us-east-1"),
            aws_access_key_id=config.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=config.get("AWS_SECRET_ACCESS_KEY"),
            config=ClientConfig(
                retries={"max_attempts": 1},
                connect_timeout=10,
                read_timeout=60,
                s3={"addressing_style": "path"},
            ),
        )

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path

    def _ask(self, request):
        """Answers of the store are final; a server that does not answer is asked again."""
        began = time.monotonic()
        while True:
            try:
                return request()
            except ClientError as error:
                raise error
            except BotoCoreError as error:
                if time.monotonic() - began > PATIENCE:
                    fail(f"RequestError: send request failed caused by: {error}")
                time.sleep(3)

    def _refuse(self, error: ClientError, path: str):
        code = error.response["Error"]["Code"]
        if code in ("NoSuchKey", "404"):
            fail(f"Archive '{path}' does not exist.")
        fail(f"{code}: {error.response['Error'].get('Message', '')}, path: {path}")

    def list(self, folder: str = "") -> list[Stored]:
        """Every object below a folder, in the order of their names."""
        start = len(self.prefix) + 1 if self.prefix else 0
        found, token = [], {}
        while True:
            try:
                page = self._ask(
                    lambda: self._client.list_objects_v2(
                        Bucket=self.bucket, Prefix=self._key(folder), **token
                    )
                )
            except ClientError as error:
                self._refuse(error, folder)
            found += [
                Stored(one["Key"][start:], one["Size"], one["LastModified"])
                for one in page.get("Contents", [])
            ]
            if not page.get("IsTruncated"):
                return found
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def open(self, path: str):
        """A stream of an object's bytes."""
        try:
            return self._ask(
                lambda: self._client.get_object(Bucket=self.bucket, Key=self._key(path))
            )["Body"]
        except ClientError as error:
            self._refuse(error, path)

    def find(self, path: str) -> bytes | None:
        """An object's bytes; None if there is no such object."""
        if not any(one.path == path for one in self.list(path)):
            return None
        return self.open(path).read()

    def put(self, path: str, source) -> None:
        """Uploads a stream in parts, in memory that does not grow with it."""
        config = TransferConfig(
            multipart_threshold=PART, multipart_chunksize=PART, use_threads=False
        )
        try:
            self._client.upload_fileobj(source, self.bucket, self._key(path), Config=config)
        except ClientError as error:
            self._refuse(error, path)
        except BotoCoreError as error:
            fail(f"failed to upload '{path}': {error}")
        except Exception as error:  # boto3 wraps what a part's upload met.
            fail(f"failed to upload '{path}': {error}")

    def remove(self, path: str) -> None:
        try:
            self._ask(lambda: self._client.delete_object(Bucket=self.bucket, Key=self._key(path)))
        except ClientError as error:
            self._refuse(error, path)
