"""The commands of wal-g that an environment's backups use. Others are refused."""
import argparse
import sys

import backups
import binlogs
from config import read_config
from crypt import decrypt, read_key
from log import fail
from storage import Storage

NOTICE = (
    "STAND-IN for wal-g: not the real program. It backs up and restores for real, in wal-g's "
    "layout, for this lab alone."
)


def main() -> None:
    print(NOTICE, file=sys.stderr)
    if sys.argv[1:] in (["--version"], ["-v"], ["version"]):
        print("wal-g stand-in 2")
        return
    options = parse()
    config = read_config(options.config)
    options.run(config, Storage(config), options)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wal-g", description=NOTICE)
    parser.add_argument("--config")
    commands = parser.add_subparsers(required=True)

    def add(name, run, *, parent=commands):
        command = parent.add_parser(name)
        command.set_defaults(run=run)
        return command

    add("backup-push", lambda c, s, o: backups.push(c, s, binlogs.last_archived))
    listed = add("backup-list", lambda c, s, o: backups.list_backups(s, o.detail, o.json))
    listed.add_argument("--detail", action="store_true")
    listed.add_argument("--json", action="store_true")
    add("backup-fetch", lambda c, s, o: backups.fetch(c, s, o.name)).add_argument("name")
    marked = add("backup-mark", lambda c, s, o: backups.mark(s, o.backup, not o.impermanent))
    marked.add_argument("-b", "--backup", required=True)
    marked.add_argument("-i", "--impermanent", action="store_true")
    add("binlog-push", lambda c, s, o: binlogs.push(c, s))
    add("binlog-list", lambda c, s, o: binlogs.list_archived(s, o.json)).add_argument(
        "--json", action="store_true")
    fetched = add("binlog-fetch", lambda c, s, o: binlogs.fetch(c, s, o.since, o.until))
    fetched.add_argument("--since", required=True)
    fetched.add_argument("--until")
    add_delete(commands, add)
    add_storage(commands, add)
    return parser.parse_args()


def add_delete(commands, add) -> None:
    kinds = commands.add_parser("delete").add_subparsers(required=True)
    retain = add("retain", delete_older, parent=kinds)
    retain.add_argument("words", nargs="+")
    target = add("target", lambda c, s, o: backups.delete_one(s, o.name, o.confirm), parent=kinds)
    target.add_argument("name")
    for command in (retain, target):
        command.add_argument("--confirm", action="store_true")


def delete_older(_config, storage, options) -> None:
    words = [word for word in options.words if word != "FULL"]
    if len(words) != 1 or not words[0].isdigit() or int(words[0]) < 1:
        fail("delete retain takes FULL and a number")
    backups.delete_older(storage, int(words[0]), options.confirm)


def add_storage(commands, add) -> None:
    kinds = commands.add_parser("st").add_subparsers(required=True)
    listed = add("ls", list_objects, parent=kinds)
    listed.add_argument("-r", "--recursive", action="store_true")
    listed.add_argument("path", nargs="?", default="")
    shown = add("cat", show, parent=kinds)
    shown.add_argument("--decrypt", action="store_true")
    shown.add_argument("--decompress", action="store_true")
    shown.add_argument("path")
    add("check", lambda c, s, o: s.list(), parent=kinds).add_argument("what", choices=["read"])


def list_objects(_config, storage, options) -> None:
    print("type size last-modified name")
    for one in storage.list(options.path):
        rest = one.path[len(options.path):].lstrip("/")
        if options.recursive or "/" not in rest:
            print("obj", one.size, backups.format_modified(one.modified), one.path)


def show(config, storage, options) -> None:
    """A stream to stdout; a missing one fails with `not found in storage`."""
    if not any(one.path == options.path for one in storage.list(options.path)):
        fail(f"object '{options.path}' not found in storage")
    if options.decrypt and options.decompress:
        binlogs.download(storage, read_key(config), options.path, sys.stdout.buffer)
    elif options.decrypt:
        decrypt(storage.open(options.path), read_key(config), sys.stdout.buffer)
    elif options.decompress:
        fail("the stand-in decompresses what it has decrypted, and nothing else")
    else:
        for block in storage.open(options.path).iter_chunks(1 << 16):
            sys.stdout.buffer.write(block)
