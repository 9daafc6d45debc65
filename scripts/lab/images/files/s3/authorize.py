"""
Stands where a store does that issues keys with rights: rclone's S3 server knows keys that open
everything. A request is checked, signed again with rclone's own key, and passed on.
"""
import http.client
import os
import secrets
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rights import Keys, is_allowed, needs
from signature import ALGORITHM, is_signed, read_claim, sign

FOLDER = "/lab/s3"
OWN = ("rclone", secrets.token_hex(24))
#: Seconds by which a request's clock may differ, as S3 has it.
SKEW = 900
HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    keys: Keys
    port: int
    folder: str

    def handle_one(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        wrong = self.find_fault(headers)
        if wrong is not None:
            self.refuse(*wrong)
        else:
            self.pass_on(headers)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one

    def find_fault(self, headers: dict[str, str]) -> tuple[int, str, str] | None:
        if "authorization" not in headers:
            return 403, "AccessDenied", "a request without a signature"
        claim = read_claim(headers["authorization"])
        if claim is None:
            return 400, "AuthorizationHeaderMalformed", "not a signature of version 4"
        key = self.keys.find(claim.access_key)
        if key is None:
            return 403, "InvalidAccessKeyId", "no such key"
        if not is_recent(headers.get("x-amz-date", "")):
            return 403, "RequestTimeTooSkewed", "the clocks differ by more than 15 minutes"
        request = {"method": self.command, "target": self.path, "headers": headers}
        if not is_signed(key.secret, claim, request):
            return 403, "SignatureDoesNotMatch", "the secret key is wrong"
        verb, bucket, name = needs(self.command, self.path)
        source = headers.get("x-amz-copy-source")
        if source is not None:
            from_bucket, _, from_name = source.lstrip("/").partition("/")
            if not is_allowed(key, "get", from_bucket, from_name):
                return 403, "AccessDenied", f"the key may not read {source}"
        if not is_allowed(key, verb, bucket, name):
            # As S3 answers: what is not there is refused to nobody.
            if bucket and not os.path.isdir(f"{self.folder}/{bucket}"):
                return 404, "NoSuchBucket", f"there is no bucket {bucket}"
            return 403, "AccessDenied", f"the key may not {verb} in {bucket}"
        return None

    def refuse(self, status: int, code: str, message: str) -> None:
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
            f"<Message>{message}</Message></Error>"
        ).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        # What it had to say is not read.
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = True

    def pass_on(self, headers: dict[str, str]) -> None:
        length = int(headers.get("content-length", "0"))
        kept = {
            name: value for name, value in headers.items()
            if name not in HOP and name != "authorization"
        }
        kept["authorization"] = self.sign_again(kept)
        upstream = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in kept.items():
            upstream.putheader(name, value)
        upstream.endheaders()
        while length > 0:
            block = self.rfile.read(min(length, 1 << 16))
            if not block:
                # What was cut off is never passed on as whole.
                upstream.close()
                self.close_connection = True
                return
            upstream.send(block)
            length -= len(block)
        self.answer(upstream)

    def sign_again(self, headers: dict[str, str]) -> str:
        date = headers["x-amz-date"]
        signed = sorted(
            name for name in headers if name == "host" or name.startswith("x-amz-")
        )
        scope = f"{date[:8]}/us-east-1/s3/aws4_request"
        blank = "0" * 64
        claim = read_claim(
            f"{ALGORITHM} Credential={OWN[0]}/{scope}, SignedHeaders={';'.join(signed)}, "
            f"Signature={blank}"
        )
        signature = sign(
            OWN[1], claim, method=self.command, target=self.path, headers=headers
        )
        return (
            f"{ALGORITHM} Credential={OWN[0]}/{scope}, SignedHeaders={';'.join(signed)}, "
            f"Signature={signature}"
        )

    def answer(self, upstream: http.client.HTTPConnection) -> None:
        got = upstream.getresponse()
        self.send_response_only(got.status, got.reason)
        is_sized = got.getheader("content-length") is not None or got.status in (204, 304)
        for name, value in got.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        if not is_sized and self.command != "HEAD":
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            while block := got.read(1 << 16):
                self.wfile.write(block)
        upstream.close()

    def log_message(self, *_args) -> None:
        pass


def is_recent(text: str) -> bool:
    try:
        at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return False
    return abs((datetime.now(timezone.utc) - at).total_seconds()) <= SKEW


def start(environment: str, port: int, inner: int) -> None:
    """A server of rclone for an environment's buckets, and what checks its requests."""
    rclone = subprocess.Popen(
        # What a test does to the files shows in the next answer. (0 makes uploads hang.)
        ["rclone", "serve", "s3", "--addr", f"127.0.0.1:{inner}", "--dir-cache-time", "50ms",
         f"/data/{environment}"],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "XDG_CONFIG_HOME": "/config",
             # A list of pairs in quotes, as rclone reads its settings.
             "RCLONE_AUTH_KEY": '"{},{}"'.format(*OWN)},
        stdin=subprocess.DEVNULL,
    )
    own = type("OwnHandler", (Handler,), {
        "keys": Keys(f"{FOLDER}/{environment}.keys"), "port": inner,
        "folder": f"/data/{environment}",
    })
    server = ThreadingHTTPServer(("", port), own)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def end_together():
        rclone.wait()
        print(f"rclone of {environment} has ended", file=sys.stderr, flush=True)
        # Docker starts the container anew.
        os._exit(1)

    threading.Thread(target=end_together, daemon=True).start()


def main() -> None:
    print("STAND-IN for a store that issues keys with rights, before rclone's S3 server",
          file=sys.stderr, flush=True)
    with open(f"{FOLDER}/servers", encoding="utf-8") as file:
        servers = [line.split() for line in file if line.strip()]
    for at, (environment, buckets, port) in enumerate(servers):
        for bucket in buckets.split(","):
            os.makedirs(f"/data/{environment}/{bucket}", exist_ok=True)
        start(environment, int(port), 19000 + at)
    while True:
        time.sleep(3600)


main()
