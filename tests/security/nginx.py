"""The real nginx, with configurations as people write them."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
DOCS = Path(__file__).parents[2] / "docs" / "slack.md"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def needed() -> str:
    """The program. Without it a test is left out, but not where everything must be there."""
    if PROGRAM is None and os.environ.get("CI"):
        pytest.fail("nginx is missing: apt-get install nginx-light")
    if PROGRAM is None:
        pytest.skip("nginx is missing: apt-get install nginx-light")
    return PROGRAM


def documented() -> str:
    """The server that docs/slack.md shows."""
    (shown,) = re.findall(r"```nginx\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return str(shown)


def documented_on(folder: Path, port: int, public: int) -> str:
    """The same, with ports and a certificate of the test's."""
    conf = documented()
    for shown, ours in (("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("127.0.0.1:8010", f"127.0.0.1:{public}")):
        assert shown in conf
        conf = conf.replace(shown, ours)
    certificate, key = certified(folder)
    conf = re.sub(r"ssl_certificate +\S+;", f"ssl_certificate {certificate};", conf)
    return re.sub(r"ssl_certificate_key +\S+;", f"ssl_certificate_key {key};", conf)


def default_on(port: int, behind: int, more: str = "") -> str:
    """What people write first."""
    return f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{behind}; {more} }} }}"


@contextmanager
def running(server: str, port: int) -> Iterator[None]:
    """nginx with this `server { … }`, which listens on `port`."""
    program = needed()
    with tempfile.TemporaryDirectory(prefix="tw") as name:
        folder = Path(name)
        folder.chmod(0o755)  # its workers are of another user
        conf = folder / "nginx.conf"
        paths = " ".join(f"{kind}_temp_path {folder / kind};" for kind in TEMPORARY)
        conf.write_text(
            f"daemon off; pid {folder / 'pid'}; error_log stderr; events {{}}\n"
            f"http {{ access_log off; {paths}\n{server} }}"
        )
        process = subprocess.Popen([program, "-e", "stderr", "-p", name, "-c", str(conf)], stderr=subprocess.PIPE)
        try:
            _until_it_listens(process, port)
            yield
        finally:
            process.terminate()
            _, said = process.communicate(timeout=10)
        assert b"[emerg]" not in said


def _until_it_listens(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    process.kill()
    pytest.fail(f"nginx did not begin to listen: {process.communicate()[1].decode()}")


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody knows, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bot.example.com")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    plain = serialization.NoEncryption()
    certificate, secret = folder / "fullchain.pem", folder / "privkey.pem"
    certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(pem, form, plain))
    return certificate, secret
