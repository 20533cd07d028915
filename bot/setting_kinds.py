"""What a setting may look like; each kind says in a sentence what it must be."""

import base64
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, SecretStr

from workflows.model_names import misnamed


def split_address(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8000` or `[::1]:8000`. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65_536) or "/" in host:
        raise ValueError("must be host:port, such as 127.0.0.1:8000")
    return host, int(port)


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


def _file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("must be a file that is there")
    return path


def _url(*schemes: str) -> AfterValidator:
    def check(value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        scheme, _, rest = text.partition("://")
        if scheme.partition("+")[0] not in schemes or not rest:
            raise ValueError(f"must be a URL that begins with {' or '.join(f'{name}://' for name in schemes)}")
        return value

    return AfterValidator(check)


def _not(prefix: str, right: str) -> AfterValidator:
    """Slack's two tokens are easily taken for each other."""

    def check(value: SecretStr) -> SecretStr:
        if value.get_secret_value().startswith(prefix):
            raise ValueError(f"must begin with {right}; yours begins with {prefix}, so it is the other token")
        return value

    return AfterValidator(check)


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


Address = Annotated[str, AfterValidator(_address)]
Word = Annotated[str, AfterValidator(_one_word)]
ModelName = Annotated[str, AfterValidator(_model)]
ReadableFile = Annotated[Path, AfterValidator(_file)]
HttpUrl = Annotated[str, _url("http", "https")]
SocketUrl = Annotated[str, _url("ws", "wss")]
DatabaseUrl = Annotated[SecretStr, _url("sqlite", "postgres", "postgresql")]
RedisUrl = Annotated[SecretStr, _url("redis", "rediss", "unix")]
BotToken = Annotated[SecretStr, _not("xapp-", "xoxb-")]
AppToken = Annotated[SecretStr, _not("xoxb-", "xapp-")]
ApiToken = Annotated[SecretStr, AfterValidator(_header_word)]
FernetKeys = Annotated[SecretStr, AfterValidator(_fernet_keys)]
