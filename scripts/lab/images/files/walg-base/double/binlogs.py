"""Binary logs: push, list, fetch."""
import io
import json
import os
import re
import struct
import subprocess
from datetime import datetime, timezone

from backups import find, format_modified
from config import Config
from crypt import Encrypted, decrypt, read_key
from database import ask
from log import fail, say
from storage import Storage

FOLDER = "binlog_005"
SENTINEL = "binlog_sentinel_005.json"


def archived(storage: Storage) -> list:
    """Objects of the archive, by name."""
    return [one for one in storage.list(f"{FOLDER}/") if one.path.endswith(".zst")]


def name_of(path: str) -> str:
    return os.path.basename(path).removesuffix(".zst")


def last_archived(storage: Storage) -> str:
    """The file that was uploaded last; empty if there is none."""
    return max((name_of(one.path) for one in archived(storage)), default="")


def list_archived(storage: Storage, as_json: bool) -> None:
    rows = [
        {"name": name_of(one.path), "size": one.size,
         "last_modified": format_modified(one.modified)}
        for one in archived(storage)
    ]
    if as_json:
        print(json.dumps(rows, separators=(",", ":")))
    else:
        for row in rows:
            print(row["name"], row["last_modified"])


def push(config: Config, storage: Storage) -> None:
    """
    Uploads every file of the server's index but the last, which is in use. That one was purged
    before it was uploaded is not noticed.
    """
    key = read_key(config)
    index, base = ask(config, "SELECT @@log_bin_index, @@log_bin_basename")[0]
    folder = os.path.dirname(base)
    try:
        with open(index, encoding="utf-8") as file:
            names = [os.path.basename(line.strip()) for line in file if line.strip()]
    except OSError as error:
        fail(f"failed to read the index of the binary logs: {error}")
    seen = read_cache()
    checks = config.checks_gtids()
    covered = read_covered(storage) if checks else {}
    uploading = False
    for name, following in zip(names, names[1:]):
        if name <= seen:
            continue
        path = os.path.join(folder, name)
        if checks and not uploading:
            state = read_gtid_list(os.path.join(folder, following))
            if state and is_covered(state, covered):
                say("INFO", f"Binlog {name} with GTID Set {format_state(state)} already covered by "
                            "archived checkpoint. Skip")
                continue
        upload(storage, key, path, f"{FOLDER}/{name}.zst")
        uploading = True
        say("INFO", f"Archived {name}")
        if checks:
            covered |= read_gtid_list(os.path.join(folder, following))
            text = json.dumps({"GtidArchived": format_state(covered)})
            storage.put(SENTINEL, io.BytesIO(text.encode()))
        write_cache(name)


def upload(storage: Storage, key: bytes, path: str, to: str) -> None:
    with open(path, "rb") as source:
        compress = subprocess.Popen(
            ["zstd", "--quiet", "--stdout", "-3"], stdin=source, stdout=subprocess.PIPE
        )
        storage.put(to, Encrypted(compress.stdout, key))
        if compress.wait() != 0:
            fail(f"failed to compress {path}")


def cache_path() -> str:
    return os.path.join(os.environ.get("HOME", "/tmp"), ".walg_mysql_binlogs_cache")


def read_cache() -> str:
    try:
        with open(cache_path(), encoding="utf-8") as file:
            return json.load(file).get("LastArchivedBinlog", "")
    except (OSError, ValueError):
        return ""


def write_cache(name: str) -> None:
    with open(cache_path(), "w", encoding="utf-8") as file:
        json.dump({"LastArchivedBinlog": name}, file)


def read_gtid_list(path: str) -> dict[str, int]:
    """The last number of each domain and server, as the head of a binary log lists them."""
    read = subprocess.Popen(
        ["mariadb-binlog", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        errors="replace",
    )
    for line in read.stdout:
        found = re.search(r"Gtid list \[([^\]]*)\]", line)
        if found:
            read.kill()
            read.wait()
            return parse_state(found[1])
    read.wait()
    return {}


def parse_state(text: str) -> dict[str, int]:
    parts = [part.strip().rsplit("-", 1) for part in text.split(",") if part.strip()]
    return {pair: int(number) for pair, number in parts}


def format_state(state: dict[str, int]) -> str:
    return ",".join(f"{pair}-{number}" for pair, number in sorted(state.items()))


def read_covered(storage: Storage) -> dict[str, int]:
    text = storage.find(SENTINEL)
    return parse_state(json.loads(text).get("GtidArchived", "")) if text else {}


def is_covered(state: dict[str, int], covered: dict[str, int]) -> bool:
    """By domain: another server's numbers count too, which loses them after a restore."""
    most: dict[str, int] = {}
    for pair, number in covered.items():
        domain = pair.split("-")[0]
        most[domain] = max(most.get(domain, -1), number)
    return all(number <= most.get(pair.split("-")[0], -1) for pair, number in state.items())


def fetch(config: Config, storage: Storage, since: str, until: str | None) -> None:
    """
    By the times of objects, not by their numbers: a gap is not noticed, and nothing is fetched if
    the backup's sentinel was rewritten later.
    """
    end = parse_until(until)
    backup = find(storage, since)
    key = read_key(config)
    start = backup.modified
    for one in archived(storage):
        if name_of(one.path) == backup.sentinel.get("BinLogStart", ""):
            start = min(start, one.modified)
    folder = config.get("WALG_MYSQL_BINLOG_DST")
    os.makedirs(folder, exist_ok=True)
    order = []
    for one in sorted(archived(storage), key=lambda one: (one.modified, one.path)):
        if one.modified < start:
            continue
        name = name_of(one.path)
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            download(storage, key, one.path, file)
        order.append(name)
        if begins_at(path) > end:
            break
    with open(os.path.join(folder, "binlogs_order"), "w", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in order)


def download(storage: Storage, key: bytes, path: str, file) -> None:
    unpack = subprocess.Popen(
        ["zstd", "--quiet", "--decompress", "--stdout"], stdin=subprocess.PIPE, stdout=file,
        stderr=subprocess.DEVNULL,
    )
    try:
        decrypt(storage.open(path), key, unpack.stdin)
        unpack.stdin.close()
    except BrokenPipeError:
        pass
    if unpack.wait() != 0:
        fail("unexpected EOF")


def parse_until(text: str | None) -> datetime:
    if text is None:
        return datetime.now(timezone.utc)
    if not re.search(r"(Z|[+-]\d\d:\d\d)$", text):
        fail(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": '
             'cannot parse "" as "Z07:00"')
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        fail(f'parsing time "{text}": {error}')


def begins_at(path: str) -> datetime:
    """The time of the first event: four bytes after the file's magic number."""
    with open(path, "rb") as file:
        seconds = struct.unpack("<I", file.read(8)[4:8])[0]
    return datetime.fromtimestamp(seconds, timezone.utc)
