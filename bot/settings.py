"""Settings: the environment, and an `.env` file in the working directory, read once."""

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from dotenv import dotenv_values
from pydantic import Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from threadwork.adapters.chat.platform_settings import rules_of
from threadwork.adapters.discord.settings import DiscordSettings
from threadwork.adapters.setting_kinds import (
    Address,
    ApiToken,
    DatabaseUrl,
    FernetKeys,
    HomePath,
    HttpUrl,
    ModelName,
    ReadableFile,
    RedisUrl,
    TimeZone,
    Word,
    split_address,
)
from threadwork.adapters.slack.settings import SlackSettings
from threadwork.workflows import crash_points
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.platform_registry import PLATFORMS
from threadwork.workflows.values import preview

DEMO_MODEL = "demo/scripted"
OURS = ("THREADWORK_", "TEMPORAL_", *(f"{row.name.upper()}_" for row in PLATFORMS))  # how variables of ours begin


class SettingsError(ThreadworkError):
    """Settings that cannot be used. `lines`: one each, beginning with the variable's name."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(lines))


class Settings(SlackSettings, DiscordSettings, BaseSettings):
    """Every variable, under its own name in small letters. Those of a chat platform stand in its folder."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    temporal_server_url: Address = "localhost:7233"  # host:port of Temporal
    temporal_namespace: Word = "default"  # Temporal's namespace
    temporal_task_queue: Word = "agent-tasks"  # the queue that workers take from; of one version only
    temporal_max_concurrent_workflows: int = Field(100, ge=1)  # workflow tasks that a worker does at once
    temporal_max_concurrent_activities: int = Field(200, ge=1)  # activities that a worker does at once
    temporal_tls: bool = False  # speak TLS; implied by a certificate or a key
    temporal_tls_cert: ReadableFile | None = None  # PEM file; goes with the next
    temporal_tls_key: ReadableFile | None = None  # PEM file
    temporal_tls_server_ca: ReadableFile | None = None  # PEM file of who signed the server's certificate
    temporal_api_key: SecretStr | None = None  # of Temporal Cloud
    temporal_ui_url: HttpUrl | None = None  # Temporal's page, for links in the thread

    database_url: DatabaseUrl | None = None  # PostgreSQL for a team; None: SQLite in THREADWORK_HOME
    redis_url: RedisUrl | None = None  # hints between processes; None: they look every second

    threadwork_model: ModelName = DEMO_MODEL  # of agents that name none
    threadwork_config: HomePath = Path("threadwork.yaml")  # the file of agents, models and tool servers
    threadwork_http: Address = "127.0.0.1:8000"  # where the HTTP API is served
    threadwork_public: Address | None = None  # where signed requests alone are served: what a proxy leads to
    threadwork_home: HomePath = Path(".threadwork")  # folder of what is kept here: database, notes, logins, socket
    threadwork_encryption_key: FernetKeys | None = None  # 32 bytes in url-safe base64, newest first; seals texts
    threadwork_api_token: ApiToken | None = None  # asked of everybody where it is set

    threadwork_timezone: TimeZone = "UTC"  # in which agents are told the date

    threadwork_crash_at: str | None = None  # tests only: see workflows/crash_points.py

    _environment: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, env_file: Path = Path(".env")) -> Self:
        """What the environment says, and the file where the environment is silent.

        Raises `SettingsError` with a line for every variable that cannot be used."""
        try:
            written = _written_in(env_file)
            settings = cls(_env_file=env_file)
        except ValidationError as error:
            lines = [line for detail in error.errors() for line in _line(detail).splitlines()]
            raise SettingsError([*lines, *_misspelt({**written, **os.environ})]) from None
        except (OSError, UnicodeDecodeError):
            raise SettingsError([f"{env_file} cannot be read as text."]) from None
        settings._environment.update({**written, **os.environ})
        return settings

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if lines := list(self._misfits()):
            raise ValueError("\n".join(lines))
        return self

    def _misfits(self) -> Iterator[str]:
        if (self.temporal_tls_cert is None) != (self.temporal_tls_key is None):
            missing = "TEMPORAL_TLS_CERT" if self.temporal_tls_cert is None else "TEMPORAL_TLS_KEY"
            yield f"{missing} is not set; a client certificate and its key go together."
        secured = [name for name in self.model_fields_set if name.startswith(("temporal_tls", "temporal_api"))]
        if secured and not self.given("temporal_server_url"):
            yield f"TEMPORAL_SERVER_URL is not set; {min(secured).upper()} is of use with a server of yours only."
        if self.threadwork_public == self.threadwork_http:
            yield "THREADWORK_PUBLIC must be another address than THREADWORK_HTTP, which serves the whole API."
        for row in PLATFORMS:
            yield from rules_of(row.name).misfits(self)

    def arm_crash_points(self) -> None:
        """Raises `SettingsError` for a crash point that is not there, and outside tests."""
        if self.threadwork_crash_at is None:
            return
        if "PYTEST_CURRENT_TEST" not in self._environment:
            raise SettingsError(["THREADWORK_CRASH_AT kills the process on purpose; it is for tests only. Unset it."])
        try:
            crash_points.arm(self.threadwork_crash_at)
        except ValueError as error:
            raise SettingsError([f"THREADWORK_CRASH_AT: {error}."]) from None

    def given(self, name: str) -> bool:
        """Whether somebody set `name` (a field, in small letters) on purpose."""
        return name in self.model_fields_set

    def announce_ready(self) -> None:
        """Tell whoever started this process that it can be used, by the file named in THREADWORK_READY_FILE."""
        if file := os.environ.get("THREADWORK_READY_FILE"):
            Path(file).touch()

    @property
    def environment(self) -> dict[str, str]:
        """All variables, of `.env` too: what `${VAR}` and LiteLLM's own settings are looked up in."""
        return dict(self._environment)

    def as_environment(self) -> dict[str, str]:
        """The environment with which another process of ours comes to the same settings."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        return {**self._environment, **{name.upper(): _written(value) for name, value in values.items()}}

    @property
    def logins(self) -> Path:
        """Where people's logins at tool servers are kept."""
        return self.home / "logins"

    @property
    def home(self) -> Path:
        """THREADWORK_HOME, absolute. It need not be there yet."""
        return self.threadwork_home.expanduser().absolute()

    @property
    def config_path(self) -> Path | None:
        """The configuration file; None where nobody named one and there is none."""
        path = self.threadwork_config.expanduser()
        return path if self.given("threadwork_config") or path.exists() else None

    @property
    def database(self) -> str:
        """URL of the database, password included."""
        return self.database_url.get_secret_value() if self.database_url else f"sqlite:///{self.home / 'threadwork.db'}"

    @property
    def redis(self) -> str | None:
        """URL of Redis, password included; None: there is none."""
        return self.redis_url.get_secret_value() if self.redis_url else None

    @property
    def encryption_keys(self) -> list[str]:
        """Newest first; empty: nothing is encrypted."""
        keys = self.threadwork_encryption_key
        return keys.get_secret_value().replace(",", " ").split() if keys else []

    def task_page(self, task_id: str) -> str:
        """Address of a task in Temporal's own pages; empty where they are not known."""
        if self.temporal_ui_url is None:
            return ""
        return f"{self.temporal_ui_url}/namespaces/{self.temporal_namespace}/workflows/{task_id}"

    @property
    def tls(self) -> bool:
        """Whether Temporal is spoken to over TLS: asked for, or implied by a certificate or an API key."""
        implied = (self.temporal_tls_cert, self.temporal_tls_server_ca, self.temporal_api_key)
        return self.temporal_tls or ("temporal_tls" not in self.model_fields_set and any(implied))

    @property
    def http_host(self) -> str:
        return split_address(self.threadwork_http)[0]

    @property
    def http_port(self) -> int:
        """The port of THREADWORK_HTTP."""
        return split_address(self.threadwork_http)[1]

    @property
    def http_url(self) -> str:
        """Where this machine reaches the `bot` process."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.http_host, self.http_host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.http_port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches the `bot` process."""
        try:
            return ip_address(self.http_host).is_loopback
        except ValueError:
            return self.http_host == "localhost"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about settings that work, but perhaps not as meant."""
        return tuple(self._doubts())

    def _doubts(self) -> Iterator[str]:
        if not self.loopback:
            variable = "THREADWORK_API_TOKEN"
            asked = f"whoever brings {variable}" if self.threadwork_api_token else f"nobody, until {variable} is set"
            yield f"THREADWORK_HTTP={self.threadwork_http} is reached from other machines; it answers {asked}."
        yield from _misspelt(self._environment)


def _written_in(env_file: Path) -> dict[str, str]:
    """Raises `SettingsError` for what no process can have in its environment."""
    written = {name: value for name, value in dotenv_values(env_file).items() if value is not None}
    broken = [name for name, value in written.items() if "\0" in name + value]
    if broken:
        raise SettingsError([f"{env_file}: {name.replace(chr(0), '')} holds a NUL character." for name in broken])
    return written


def _misspelt(names: Iterable[str]) -> Iterator[str]:
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted(names):
        close = get_close_matches(name, known, 1, 0.85)
        if close and name not in known and name.startswith(OURS):
            yield f"{name} means nothing here; did you mean {close[0]}?"


def _written(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


MAX_VALUE_SHOWN = 200  # characters of a wrong value that are repeated
_MUST = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_parsing": "must be true or false",
    "greater_than_equal": "must be at least 1",
}


def _line(detail: ErrorDetails) -> str:
    """`TEMPORAL_SERVER_URL must be host:port, such as 127.0.0.1:8000 (is "x").` Secrets are not shown."""
    said = str(detail.get("ctx", {}).get("error", "")) or _MUST.get(detail["type"], detail["msg"])
    if not detail["loc"]:
        return said
    name = str(detail["loc"][0]).lower()
    given = str(detail["input"])
    # Whoever writes a password into an address that takes none has it behind an @.
    secret = "SecretStr" in repr(Settings.model_fields[name]) or "@" in given
    return f"{name.upper()} {said}" + ("." if secret else f' (is "{preview(given, MAX_VALUE_SHOWN)}").')
