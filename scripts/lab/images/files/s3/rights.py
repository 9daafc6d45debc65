"""Who may do what: the file of keys, and the right that a request needs."""
import json
import os
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote


@dataclass
class Key:
    secret: str
    #: By bucket, prefixes of objects that each verb may touch; an empty prefix is the whole bucket.
    grants: dict[str, dict[str, list[str]]]


class Keys:
    """The keys of a file, read again when it has changed."""

    def __init__(self, path: str):
        self._path = path
        self._seen = None
        self._keys: dict[str, Key] = {}

    def find(self, access_key: str) -> Key | None:
        status = os.stat(self._path)
        seen = (status.st_mtime_ns, status.st_ino)
        if seen != self._seen:
            with open(self._path, encoding="utf-8") as file:
                self._keys = {
                    one["accessKey"]: Key(one["secretKey"], one["grants"])
                    for one in json.load(file)
                }
            self._seen = seen
        return self._keys.get(access_key)


def needs(method: str, target: str) -> tuple[str, str, str]:
    """
    The verb, the bucket and the object of a request: `list`, `get`, `put` or `delete`; `admin` for
    what makes, changes or removes a bucket.
    """
    path, _, query = target.partition("?")
    bucket, _, name = unquote(path).lstrip("/").partition("/")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if not bucket:
        return "admin", "", ""
    if name:
        verbs = {"GET": "get", "HEAD": "get", "PUT": "put", "POST": "put", "DELETE": "delete"}
        # To end an upload of several parts is a right of who began it.
        if method == "DELETE" and "uploadId" in asked:
            return "put", bucket, name
        return verbs.get(method, "admin"), bucket, name
    if method in ("GET", "HEAD"):
        return "list", bucket, asked.get("prefix", "")
    # The names are in the body, which is not read: only who may delete everything may do it.
    if method == "POST" and "delete" in asked:
        return "delete", bucket, ""
    return "admin", bucket, ""


def is_allowed(key: Key, verb: str, bucket: str, name: str) -> bool:
    prefixes = key.grants.get(bucket, {}).get(verb, [])
    # A list or a lookup below no prefix shows names alone: it needs the verb on the bucket.
    if verb == "list":
        return bool(prefixes)
    return any(matches(prefix, name) for prefix in prefixes)


def matches(pattern: str, name: str) -> bool:
    """`a/` is everything below a; `*/locks/` everything below a folder of that name."""
    if not pattern.startswith("*/"):
        return name.startswith(pattern)
    return f"/{pattern[2:]}" in f"/{name}"
