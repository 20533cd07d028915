"""Slack's signature of a request, looked at before anything in the request is read."""

import hashlib
import hmac
import re
from time import time

from starlette.datastructures import Headers

LASTS = 300  # seconds for which a signature is good, either way
STAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
_SECONDS = re.compile("[0-9]{1,12}")
_SSL_CHECK = re.compile(rb"(?:^|&)ssl_check=1(?:&|$)")


def is_signed(headers: Headers, body: bytes, secret: str) -> bool:
    """Whether exactly one signature is there, and it fits these bytes and a moment of now.

    https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    stamps, signatures = headers.getlist(STAMP), headers.getlist(SIGNATURE)
    if len(stamps) != 1 or len(signatures) != 1 or not _SECONDS.fullmatch(stamps[0]):
        return False
    if abs(time() - int(stamps[0])) > LASTS:
        return False
    signed = b":".join((b"v0", stamps[0].encode(), body))
    wanted = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signatures[0].encode())


def is_ssl_check(body: bytes) -> bool:
    """Slack looks at the certificate now and then, by a form that nobody signs and that asks for nothing."""
    return len(body) < 2_000 and _SSL_CHECK.search(body) is not None
