"""What tool servers are given that nobody is to read: the values of `${VAR}`, and secrets written into the file."""

import re
from collections.abc import Iterator, Mapping, Sequence

from threadwork.adapters.hidden_values import SECRET_NAME, of_address, of_environment, worth_hiding
from threadwork.workflows.servers import ServerSpec

VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def secrets_of(servers: Mapping[str, ServerSpec], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Names and values: of every server, as one may read what another was given, and of the worker itself, whose
    environment a stdio server can look into."""
    for spec in servers.values():
        for field, text in _texts(spec):
            yield from _referenced(field, text, environment)
        if spec.auth and spec.auth.client_secret:
            yield from _written("client_secret", spec.auth.client_secret)
        for name, text in (*spec.env.items(), *spec.headers.items(), *_arguments(spec.args), *_query(spec.url)):
            yield from _written(name, text)
    yield from of_environment(environment)


def _texts(spec: ServerSpec) -> Iterator[tuple[str, str]]:
    """Everything in which a variable may stand, and under what name."""
    yield from (("", text) for text in (spec.command, spec.cwd, spec.url, *spec.args) if text)
    yield from spec.env.items()
    yield from spec.headers.items()
    if spec.auth and spec.auth.client_secret:
        yield "client_secret", spec.auth.client_secret


def _arguments(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`--token=abc`, `TOKEN=abc` and `--token abc` by their names; a bare one may be an address."""
    for before, text in zip(("", *args), args, strict=False):
        name, sign, value = text.partition("=")
        named = sign and not VARIABLE.search(name) and "://" not in name
        option = before if before.startswith("-") and "=" not in before else ""
        yield (name, value) if named else (option, text)


def _query(url: str | None) -> Iterator[tuple[str, str]]:
    """The address itself, which may hold a password, and what it hands over by name."""
    if url:
        yield "", url
        yield from (
            (name, value) for part in url.partition("?")[2].split("&") for name, _, value in [part.partition("=")]
        )


def _referenced(field: str, text: str, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for found in VARIABLE.finditer(text):
        name, default = found[1], found[2] or ""
        secret = bool(SECRET_NAME.search(field))  # of the two names the one that says so counts
        if value := environment.get(name, ""):
            if worth_hiding(name, value) or (secret and worth_hiding(field, value)):
                yield name, value
            yield from of_address(name, value)
        elif secret or SECRET_NAME.search(name):
            yield from ((name, default),) if worth_hiding(field if secret else name, default) else ()


def _written(name: str, text: str) -> Iterator[tuple[str, str]]:
    """A literal value counts where its name says that it is a secret; of `Bearer …` the part behind the word too."""
    if VARIABLE.search(text):
        return
    yield from of_address(name, text)
    if not SECRET_NAME.search(name):
        return
    for value in {text, text.rpartition(" ")[2]}:
        if worth_hiding(name, value):
            yield name, value
