"""Full backups: push, list, fetch, mark, delete."""
import io
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone

from config import Config
from crypt import Encrypted, decrypt, read_key
from database import ask
from log import fail, say
from storage import Storage, Stored

FOLDER = "basebackups_005"
SENTINEL = "_backup_stop_sentinel.json"


@dataclass
class Backup:
    name: str
    sentinel: dict
    modified: datetime


def local_time(moment: datetime) -> str:
    """RFC 3339 with six decimals, in the time zone of the process."""
    text = moment.astimezone().isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")


def push(config: Config, storage: Storage, last_binlog) -> None:
    """Makes a full backup. The sentinel comes last: what has none is not listed."""
    key = read_key(config)
    version = ask(config, "SELECT @@version")[0][0]
    began = datetime.now(timezone.utc)
    name = began.strftime("stream_%Y%m%dT%H%M%SZ")
    first = last_binlog(storage)
    path = f"{FOLDER}/{name}/stream.zst"
    say("INFO", f"FILE PATH: {name}/stream.zst")
    with tempfile.TemporaryFile() as told:
        create = subprocess.Popen(
            ["/bin/sh", "-c", config.get("WALG_STREAM_CREATE_COMMAND")],
            stdout=subprocess.PIPE, stderr=told, start_new_session=True,
        )
        end_with(create)
        counted = Counted(create.stdout)
        compress = subprocess.Popen(
            ["zstd", "--quiet", "--stdout", "-3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        feeder = counted.feed(compress.stdin)
        stream = Encrypted(compress.stdout, key)
        storage.put(path, stream)
        feeder.join()
        code = create.wait()
        compress.wait()
        if code != 0:
            told.seek(0)
            fail(f"backup create command failed: exit status {code}\n"
                 f"{told.read().decode(errors='replace')}")
    sentinel = {
        "Tool": "WALG_UNSPECIFIED_STREAM_BACKUP_TOOL",
        **({"BinLogStart": first} if first else {}),
        **({"BinLogEnd": last} if (last := last_binlog(storage)) else {}),
        "StartLocalTime": local_time(began),
        "StopLocalTime": local_time(datetime.now(timezone.utc)),
        "UncompressedSize": counted.bytes,
        "CompressedSize": stream.given,
        "Hostname": socket.gethostname(),
        "ServerVersion": version,
        "IsPermanent": False,
        "IsIncremental": False,
        "LSN": None,
        "DeltaCount": 0,
    }
    write_sentinel(storage, name, sentinel)
    say("INFO", f"Backup sentinel: {json.dumps(sentinel)}")
    say("INFO", "binlog counting mode is disabled")


class Counted:
    """Counts the bytes that go from one process to another."""

    def __init__(self, source):
        self._source = source
        self.bytes = 0

    def feed(self, sink):
        from threading import Thread

        def run():
            try:
                while block := self._source.read1(1 << 16):
                    self.bytes += len(block)
                    sink.write(block)
            except BrokenPipeError:
                pass
            finally:
                sink.close()

        thread = Thread(target=run, daemon=True)
        thread.start()
        return thread


def end_with(process: subprocess.Popen) -> None:
    """A backup that is told to end takes mariadb-backup with it, and fails."""

    def stop(_signal, _frame):
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        say("ERROR", "Received SIGTERM. Failed")
        os._exit(1)

    signal.signal(signal.SIGTERM, stop)


def write_sentinel(storage: Storage, name: str, sentinel: dict) -> None:
    storage.put(f"{FOLDER}/{name}{SENTINEL}", io.BytesIO(json.dumps(sentinel).encode()))


def find_all(storage: Storage) -> list[Backup]:
    """Every complete backup, by name. One whose stream is gone is among them."""
    pattern = re.compile(rf"{FOLDER}/(stream_\d{{8}}T\d{{6}}Z){SENTINEL}")
    found = []
    for one in storage.list(f"{FOLDER}/"):
        match = pattern.fullmatch(one.path)
        if match:
            found.append(Backup(match[1], json.load(storage.open(one.path)), one.modified))
    return sorted(found, key=lambda backup: backup.name)


def find(storage: Storage, name: str) -> Backup:
    """A backup by name; LATEST is the one whose sentinel was written last."""
    found = find_all(storage)
    if name == "LATEST":
        if not found:
            fail("No backups found")
        return max(found, key=lambda backup: backup.modified)
    for backup in found:
        if backup.name == name:
            return backup
    fail(f"Backup '{name}' does not exist.")


def format_modified(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def list_backups(storage: Storage, detail: bool, as_json: bool) -> None:
    found = find_all(storage)
    if not detail:
        found.sort(key=lambda backup: backup.modified)
        rows = [
            {
                "backup_name": one.name,
                "time": format_modified(one.modified),
                "wal_file_name": "Z" * 24,
                "storage_name": "default",
            }
            for one in found
        ]
    else:
        rows = [
            {
                "backup_name": one.name,
                "modify_time": format_modified(one.modified),
                "binlog_start": one.sentinel.get("BinLogStart", ""),
                "binlog_end": one.sentinel.get("BinLogEnd", ""),
                "start_local_time": one.sentinel["StartLocalTime"],
                "stop_local_time": one.sentinel["StopLocalTime"],
                "uncompressed_size": one.sentinel["UncompressedSize"],
                "compressed_size": one.sentinel["CompressedSize"],
                "hostname": one.sentinel["Hostname"],
                "is_permanent": one.sentinel["IsPermanent"],
            }
            for one in found
        ]
    if as_json:
        print(json.dumps(rows, separators=(",", ":")))
    elif not rows:
        say("INFO", "No backups found")
    else:
        print(" ".join(rows[0]))
        for row in rows:
            print(" ".join(str(value) for value in row.values()))


def fetch(config: Config, storage: Storage, name: str) -> None:
    """Unpacks a backup and prepares it. A part of the files stays if the stream is damaged."""
    backup = find(storage, name)
    key = read_key(config)
    source = storage.open(f"{FOLDER}/{backup.name}/stream.zst")
    restore = subprocess.Popen(
        ["/bin/sh", "-c", config.get("WALG_STREAM_RESTORE_COMMAND")], stdin=subprocess.PIPE
    )
    unpack = subprocess.Popen(
        ["zstd", "--quiet", "--decompress", "--stdout"],
        stdin=subprocess.PIPE, stdout=restore.stdin, stderr=subprocess.DEVNULL,
    )
    restore.stdin.close()
    try:
        decrypt(source, key, unpack.stdin)
    except BrokenPipeError:
        restore.wait()
        fail("failed to write to the restore command: broken pipe")
    finally:
        try:
            unpack.stdin.close()
        except BrokenPipeError:
            pass
        unpack.wait()
        code = restore.wait()
    if unpack.returncode != 0:
        fail("unexpected EOF")
    if code != 0:
        fail(f"backup restore command failed: exit status {code}")
    prepare = config.get("WALG_MYSQL_BACKUP_PREPARE_COMMAND", "")
    if prepare and (code := subprocess.call(["/bin/sh", "-c", prepare], stdout=2)) != 0:
        fail(f"failed to prepare the fetched backup: exit status {code}")
    # The real one leaves it there too.
    with open(os.path.join(os.environ.get("HOME", "/tmp"), ".walg_decompressor_cache"), "w",
              encoding="ascii") as file:
        file.write("zst")


def mark(storage: Storage, name: str, permanent: bool) -> None:
    """Rewrites the sentinel, whose time is then the newest."""
    backup = find(storage, name)
    write_sentinel(storage, backup.name, backup.sentinel | {"IsPermanent": permanent})


def delete_older(storage: Storage, keep: int, confirmed: bool) -> None:
    """
    Keeps the newest ones by name, and all that the store has written since the oldest of them
    began: also of binary logs, and the sentinel of the archive.
    """
    found = find_all(storage)
    if len(found) < keep:
        say("INFO", "No backup found for deletion")
        return
    oldest = found[-keep]
    since = datetime.strptime(oldest.name, "stream_%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    kept = [f"{FOLDER}/{one.name}" for one in found if one.sentinel.get("IsPermanent")]
    remove(storage, confirmed, [
        one for one in storage.list()
        if one.modified < since and not any(one.path.startswith(path) for path in kept)
    ])


def delete_one(storage: Storage, name: str, confirmed: bool) -> None:
    backup = find(storage, name)
    own = f"{FOLDER}/{backup.name}"
    remove(storage, confirmed, [one for one in storage.list(own)])


def remove(storage: Storage, confirmed: bool, objects: list[Stored]) -> None:
    for one in objects:
        say("INFO", f"Object marked for deletion: {one.path} storage=default")
    if not confirmed:
        say("INFO", f"Dry run: objects would be deleted count={len(objects)}")
        return
    for one in objects:
        storage.remove(one.path)
    say("INFO", f"Objects deleted successfully: count={len(objects)}")
