"""Encryption as libsodium's secretstream, in blocks of 8 KiB."""
from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_ABYTES as EXTRA,
    crypto_secretstream_xchacha20poly1305_HEADERBYTES as HEADER,
    crypto_secretstream_xchacha20poly1305_TAG_FINAL as FINAL,
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE as MESSAGE,
    crypto_secretstream_xchacha20poly1305_init_pull as init_pull,
    crypto_secretstream_xchacha20poly1305_init_push as init_push,
    crypto_secretstream_xchacha20poly1305_pull as pull,
    crypto_secretstream_xchacha20poly1305_push as push,
    crypto_secretstream_xchacha20poly1305_state as State,
)

from config import Config
from log import fail

BLOCK = 8192


def read_key(config: Config) -> bytes:
    """The key's file is trimmed; 64 hex digits are 32 bytes."""
    path = config.get("WALG_LIBSODIUM_KEY_PATH")
    try:
        with open(path, encoding="ascii") as file:
            text = file.read().strip()
    except OSError as error:
        fail(f"libsodium Crypter: unable to read key from file: {error}")
    transform = config.get("WALG_LIBSODIUM_KEY_TRANSFORM", "none")
    try:
        key = bytes.fromhex(text) if transform == "hex" else text.encode()
    except ValueError as error:
        fail(f"libsodium Crypter: key is not hexadecimal: {error}")
    if len(key) != 32:
        fail(f"libsodium Crypter: key length must be 32, got {len(key)}")
    return key


class Encrypted:
    """A file object whose bytes are those of another, encrypted as they are read."""

    def __init__(self, source, key: bytes):
        self._source = source
        self._state = State()
        self._ready = bytearray(init_push(self._state, key))
        self._next = source.read(BLOCK)
        self._ended = False
        self.taken = len(self._next)
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            block, self._next = self._next, self._source.read(BLOCK)
            self.taken += len(self._next)
            self._ended = self._next == b""
            self._ready += push(self._state, block, b"", FINAL if self._ended else MESSAGE)
        end = len(self._ready) if size < 0 else size
        part = bytes(self._ready[:end])
        del self._ready[:end]
        self.given += len(part)
        return part


def decrypt(source, key: bytes, sink) -> None:
    """Writes what was encrypted; fails with `corrupted chunk` or `unexpected EOF`."""
    state = State()
    header = read_exactly(source, HEADER)
    if len(header) < HEADER:
        fail("unexpected EOF")
    init_pull(state, header, key)
    tag = MESSAGE
    while tag != FINAL:
        block = read_exactly(source, BLOCK + EXTRA)
        if block == b"":
            fail("unexpected EOF")
        try:
            text, tag = pull(state, block)
        except (RuntimeError, ValueError):
            fail("corrupted chunk")
        sink.write(text)
    if source.read(1) != b"":
        fail("corrupted chunk")


def read_exactly(source, size: int) -> bytes:
    """As many bytes as are asked for, or those that are left."""
    parts = []
    while size > 0:
        part = source.read(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
