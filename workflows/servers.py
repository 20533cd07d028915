"""A tool server as it is declared, before any `${VAR}` in it is resolved."""

from typing import Self

from pydantic import Field, model_validator

from threadwork.workflows.values import Value


class ServerAuth(Value):
    """OAuth at a server over HTTP. With an id and a secret the program logs in by itself, else a person does, by
    `threadwork mcp login`."""

    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None  # words with blanks between them
    issuer: str | None = None  # URL of the server that gives tokens: the secret is sent to no other


class ServerSpec(Value):
    """An MCP server of `mcpServers`: a command that speaks over stdio, or a URL. Exactly one of the two."""

    command: str | None = None
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)  # beside PATH, HOME and the like
    cwd: str | None = None
    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    auth: ServerAuth | None = None
    sse: bool = False  # the URL speaks the older transport, of 2024-11-05
    trust_annotations: bool = False  # believe what its tools say of themselves: read-only, idempotent
    timeout: float = Field(60, gt=0)  # seconds it may take to start and to list its tools

    @model_validator(mode="after")
    def _one_way_to_reach_it(self) -> Self:
        if (self.command is None) == (self.url is None):
            raise ValueError("give either command (stdio) or url (HTTP)")
        return self
