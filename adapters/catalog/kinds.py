"""The kinds of values that `threadwork.yaml` has: ids, names, patterns, addresses, dollars."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from threadwork.adapters.catalog.cron import SYNTAX as SCHEDULE
from threadwork.adapters.catalog.cron import schedule_fault
from threadwork.adapters.catalog.providers import PROVIDERS
from threadwork.workflows.model_names import misnamed, mispatterned
from threadwork.workflows.platform_registry import PLATFORMS

NAMES = "|".join(row.name for row in PLATFORMS)
EXAMPLES = " or ".join(f'"{row.name}:{row.workspace_example}"' for row in PLATFORMS)


def matching(pattern: str, sentence: str) -> AfterValidator:
    """A check of a text; `sentence` is what its `ValueError` says where the whole does not match."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(sentence)
        return text

    return AfterValidator(check)


def sound(wrong: Callable[[str], str], empty: str) -> AfterValidator:
    """`wrong`: says why a text will not do, or nothing. `empty`: the same of none."""

    def check(text: str) -> str:
        if why := wrong(text) if text else empty:
            raise ValueError(why)
        return text

    return AfterValidator(check)


def _id(value: Any) -> Any:
    """Discord's ids are numbers to YAML; to everyone else they are names."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_AN_ID = WithJsonSchema({"type": ["string", "integer"]})  # for editors
Member = Annotated[str, BeforeValidator(_id), _AN_ID, matching(r"\S+", "must be a user id, group:…, role:… or *")]
Person = Annotated[str, BeforeValidator(_id), _AN_ID, matching(r"(?!group:|role:)\S+", "must be a user id or *")]
Channel = Annotated[str, BeforeValidator(_id), _AN_ID, matching(r"[^\s:]+", "must be a channel's id or *")]
Pattern = Annotated[
    str,
    matching(
        r"\*|[\w*-]+\.[\w*./:-]+",
        'is not a pattern: write "server.tool", with * for anything, such as "notes.read_*"',
    ),
]
Excepted = Annotated[
    str,
    matching(
        r"destructive|\*|[\w*-]+\.[\w*./:-]+",
        'must be a pattern such as "github.delete_*", or "destructive" for all that may not be undone',
    ),
]
Name = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9_-]*", "must be made of letters, digits, - and _")]


def safe_name(text: str) -> str:
    """A name as a server may have it, made of any."""
    bare = re.sub(r"[^A-Za-z0-9_-]+", "-", text).lstrip("_-").rstrip("-_")
    return re.sub(r"__+", "_", bare)[:60] or "server"


def _server_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", text):
        raise ValueError(f'must be made of letters, digits, - and _, such as "{safe_name(text)}"')
    if "__" in text:
        raise ValueError(f'must not contain "__", which separates server and tool; write "{safe_name(text)}"')
    return text


ServerName = Annotated[str, AfterValidator(_server_name)]
Home = Annotated[
    str,
    matching(
        "|".join(f"{row.name}:{row.workspace}" for row in PLATFORMS),
        f"must be a workspace or a server, such as {EXAMPLES}",
    ),
]
Target = Annotated[
    str,
    matching(rf"({NAMES}|console):\S+", 'must be a platform and a channel, such as "slack:C0123456789"'),
]
Cron = Annotated[str, sound(schedule_fault, SCHEDULE)]
Secret = Annotated[str, matching(r"\S+", "must be the secret that signs it, such as ${DEPLOY_SECRET}")]
Model = Annotated[str, sound(misnamed, "must be a model name")]
ModelPattern = Annotated[str, sound(mispatterned, "must be a model name, or a pattern with *")]
ModelEntry = Annotated[
    str,
    matching(r"[a-z0-9][a-z0-9_.-]*", "must have only lower-case letters, digits, . - _"),
    matching(rf"(?!({'|'.join(PROVIDERS)})$).*", "is the name of a provider; choose another name for the entry"),
]
Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Address = Annotated[
    str,
    matching(
        rf"({NAMES}):([\w-]+/)?[\w-]+(#[\w.-]+)?",
        'must be a platform and a channel, such as "slack:C0123456789" (a thread in it: "slack:C0123456789#1700.1")',
    ),
]


def _url(text: str) -> str:
    """Variables are filled in by the worker; here each stands for something that fits anywhere."""
    try:
        parts = urlsplit(re.sub(r"\$\{[^}]*\}", "1", text))
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("must be a URL with a host, such as https://host.example.com/path")
    return text


Url = Annotated[str, matching(r"https?://\S+", "must begin with http:// or https://"), AfterValidator(_url)]
Reasoning = Annotated[
    Literal["off", "low", "medium", "high"],
    BeforeValidator(lambda value: "off" if value is False else value),  # what YAML makes of `off`
    WithJsonSchema({"enum": ["off", "low", "medium", "high", False]}),
]
DelegateName = Annotated[str, matching(r"\*|[A-Za-z0-9][A-Za-z0-9_-]*", "must be the name of an agent, or *")]
