"""Signatures of Amazon's version 4, in a request's headers: read, checked, made."""
import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass
class Claim:
    """What a request says of its own signature."""

    access_key: str
    day: str
    region: str
    service: str
    signed: list[str]
    signature: str

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/aws4_request"


def read_claim(header: str) -> Claim | None:
    found = re.fullmatch(
        rf"{ALGORITHM} Credential=([^/,]+)/(\d{{8}})/([^/,]+)/([^/,]+)/aws4_request, ?"
        r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
        header,
    )
    if not found:
        return None
    return Claim(found[1], found[2], found[3], found[4], found[5].split(";"), found[6])


def sign(secret: str, claim: Claim, *, method: str, target: str, headers: dict[str, str]) -> str:
    """
    The signature of a request. Names of headers are lower case; `target` is the path and the query
    as they are sent.
    """
    path, _, query = target.partition("?")
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
    )
    request = "\n".join([
        method,
        quote(unquote(path), safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in pairs),
        *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in claim.signed),
        "",
        ";".join(claim.signed),
        headers.get("x-amz-content-sha256", ""),
    ])
    text = "\n".join([
        ALGORITHM,
        headers.get("x-amz-date", ""),
        claim.scope,
        hashlib.sha256(request.encode()).hexdigest(),
    ])
    key = f"AWS4{secret}".encode()
    for part in [claim.day, claim.region, claim.service, "aws4_request"]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def is_signed(secret: str, claim: Claim, request: dict) -> bool:
    return hmac.compare_digest(sign(secret, claim, **request), claim.signature)
