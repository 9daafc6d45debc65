"""Lines on stderr as wal-g writes them, and the one way to fail."""
import sys
from datetime import datetime
from typing import NoReturn


def say(level: str, text: str) -> None:
    """Writes `LEVEL: YYYY/MM/DD hh:mm:ss.uuuuuu text`, in the time zone of the process."""
    now = datetime.now().strftime("%Y/%m/%d %H:%M:%S.%f")
    print(f"{level}: {now} {text}", file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    """Any failure of wal-g has exit code 1."""
    say("ERROR", text)
    raise SystemExit(1)
