"""What a setting may look like; each kind says in a sentence what it must be."""

import base64
import re
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, SecretStr

from threadwork.workflows.model_names import misnamed
from threadwork.workflows.slash_name import AGENT

WITHOUT_HOST = frozenset({"sqlite", "unix"})  # schemes that name a file
_PORT = re.compile(r"[0-9]{1,5}")
_COMMAND = re.compile(r"/[\w-]{1,31}")  # what Slack and Discord both take
_HOST = re.compile(r"[^\s/@?#]+")


def split_address(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8000` or `[::1]:8000`. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and _HOST.fullmatch(host) and is_port(port)):
        raise ValueError("must be host:port, such as 127.0.0.1:8000")
    return host, int(port)


def is_port(text: str) -> bool:
    """A whole number from 1 to 65535."""
    return _PORT.fullmatch(text) is not None and 0 < int(text) < 65_536


def _address(text: str) -> str:
    split_address(text)
    return text


def _one_word(text: str) -> str:
    if not text or any(character.isspace() for character in text):
        raise ValueError("must be one word")
    return text


def _model(text: str) -> str:
    if wrong := misnamed(_one_word(text)):
        raise ValueError(wrong)
    return text


def command_word(text: str) -> str:
    """With its slash, whether it was written or not. Raises ValueError."""
    name = f"/{text.strip().removeprefix('/')}"
    if not _COMMAND.fullmatch(name) or name != name.lower():
        raise ValueError(f"must be a slash and at most 31 small letters, digits, - and _, such as {AGENT}")
    return name


def _file(path: Path) -> Path:
    try:
        is_there = path.is_file()
    except OSError:  # a name that is too long, for one
        is_there = False
    if not is_there:
        raise ValueError("must be a file that is there")
    return path


def _home(path: Path) -> Path:
    try:
        path.expanduser()
    except RuntimeError:
        raise ValueError("names the home of an unknown user") from None
    return path


def _url(*schemes: str) -> AfterValidator:

    def check(value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        scheme, _, rest = text.partition("://")
        if scheme.partition("+")[0] not in schemes or not rest:
            raise ValueError(f"must be a URL that begins with {' or '.join(f'{name}://' for name in schemes)}")
        if scheme.partition("+")[0] not in WITHOUT_HOST:
            _check_place(rest)
        return value

    return AfterValidator(check)


def _check_place(rest: str) -> None:
    """The port behind host and `user:password@`. What stands before it is never shown: it may be a password."""
    place = re.split(r"[/?#]", rest.partition("@")[2] or rest, maxsplit=1)[0].rpartition("@")[2]
    port = place.rpartition("]")[2].partition(":")[2]
    if port and not is_port(port):
        raise ValueError("must have a number from 1 to 65535 as its port; in a password, write @ : / as %40 %3A %2F")


def _header_word(value: SecretStr) -> SecretStr:
    """It travels in an HTTP header, where nothing else arrives as it was sent."""
    text = value.get_secret_value()
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("must be made of printable ASCII characters, without spaces")
    return value


def _fernet_keys(value: SecretStr) -> SecretStr:
    try:
        keys = [base64.urlsafe_b64decode(key.strip()) for key in value.get_secret_value().split(",")]
    except ValueError:
        keys = [b""]
    if any(len(key) != 32 for key in keys):
        raise ValueError("must be 32 bytes in url-safe base64 (44 characters); several with commas, newest first")
    return value


def _time_zone(text: str) -> str:
    try:
        return text if text == "UTC" else ZoneInfo(text).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("must be the name of a time zone, such as Europe/Berlin") from None


Address = Annotated[str, AfterValidator(_address)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
CommandWord = Annotated[str, AfterValidator(command_word)]
Word = Annotated[str, AfterValidator(_one_word)]
ModelName = Annotated[str, AfterValidator(_model)]
HomePath = Annotated[Path, AfterValidator(_home)]
ReadableFile = Annotated[Path, AfterValidator(_file)]
HttpUrl = Annotated[str, _url("http", "https")]
SocketUrl = Annotated[str, _url("ws", "wss")]
DatabaseUrl = Annotated[SecretStr, _url("sqlite", "postgres", "postgresql")]
RedisUrl = Annotated[SecretStr, _url("redis", "rediss", "unix")]
ApiToken = Annotated[SecretStr, AfterValidator(_header_word)]
FernetKeys = Annotated[SecretStr, AfterValidator(_fernet_keys)]
