"""The configuration: the very keys of wal-g's file that the role renders."""
import json
import os
import re
from dataclasses import dataclass

from log import fail

KNOWN = {
    "WALG_S3_PREFIX", "AWS_ENDPOINT", "AWS_REGION", "AWS_S3_FORCE_PATH_STYLE",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "WALG_MYSQL_DATASOURCE_NAME",
    "WALG_STREAM_CREATE_COMMAND", "WALG_STREAM_RESTORE_COMMAND",
    "WALG_MYSQL_BACKUP_PREPARE_COMMAND", "WALG_MYSQL_BINLOG_DST",
    "WALG_MYSQL_BINLOG_REPLAY_COMMAND", "WALG_MYSQL_CHECK_GTIDS", "WALG_COMPRESSION_METHOD",
    "WALG_LIBSODIUM_KEY_PATH", "WALG_LIBSODIUM_KEY_TRANSFORM",
}


@dataclass
class Config:
    values: dict

    def get(self, key: str, default: str | None = None) -> str:
        found = self.values.get(key, default)
        if found is None:
            fail(f"required variable {key} is not set")
        return str(found)

    def place(self) -> tuple[str, str]:
        """Bucket and prefix; the prefix has no slash at its end."""
        found = re.fullmatch(r"s3://([^/]+)/?(.*?)/*", self.get("WALG_S3_PREFIX"))
        if not found:
            fail("WALG_S3_PREFIX is not of the form s3://bucket/prefix")
        return found[1], found[2]

    def checks_gtids(self) -> bool:
        return self.get("WALG_MYSQL_CHECK_GTIDS", "false").lower() in ("true", "1", "yes")


def read_config(path: str | None) -> Config:
    """A key that the double does not know is refused: nothing is passed over in silence."""
    values = {key: os.environ[key] for key in KNOWN if key in os.environ}
    if path is not None:
        try:
            with open(path, encoding="utf-8") as file:
                values |= json.load(file)
        except (OSError, ValueError) as error:
            fail(f"failed to read the config file {path}: {error}")
    unknown = sorted(key for key in values if key not in KNOWN)
    if unknown:
        fail(f"the stand-in does not know the setting {unknown[0]}")
    method = values.get("WALG_COMPRESSION_METHOD", "zstd")
    if method != "zstd":
        fail(f"the stand-in compresses with zstd alone, not with {method}")
    return Config(values)
