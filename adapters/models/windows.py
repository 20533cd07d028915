"""How much a server of one's own takes: asked of it where it can tell, else assumed small, learnt where it refuses.

LiteLLM's table is of providers. What is found is kept for a while, for every run of the process."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx

from threadwork.adapters.models.places import address, private
from threadwork.adapters.models.targets import Target

ASSUMED = 8_192  # tokens, for a server of one's own that does not tell
WINDOW_TIMEOUT = 2.0  # seconds for each question
ASKED, UNTOLD, LEARNT = 300.0, 30.0, 3_600.0  # seconds that an answer, no answer, a refusal is remembered
SMALLEST = 256  # tokens; less is a mistake
OLLAMA = frozenset({"ollama", "ollama_chat"})  # they cut a prompt in silence, unless they are told the window
_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)


class Found(NamedTuple):
    """What a server said, in tokens; None: nothing."""

    window: int | None = None
    at_most: int | None = None  # what the model was made for: the server may have room for less


class Windows:
    """The windows of models by their addresses."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: dict[tuple[str, str], tuple[Found, float]] = {}  # until when it holds
        self._learnt: dict[tuple[str, str], tuple[int, float]] = {}

    async def of(self, meant: Target, provider: str, known: int | None) -> int | None:
        """Tokens of prompt and answer together; None where nobody can tell. `known`: what LiteLLM's table says."""
        said = meant.spec.context_window or known
        if provider in OLLAMA:
            said = meant.spec.params.get("num_ctx") or meant.spec.context_window
        learnt, until = self._learnt.get(_key(meant, provider), (None, 0.0))
        if until <= self._clock():
            learnt = None
        if said:
            return min(said, learnt) if learnt else said
        return learnt or await self._from_server(meant, provider)

    def learn(self, meant: Target, provider: str, limit: int | None) -> None:
        """A refusal said how much there is."""
        if limit and limit >= SMALLEST:
            self._learnt[_key(meant, provider)] = limit, self._clock() + LEARNT

    async def _from_server(self, meant: Target, provider: str) -> int | None:
        place = address(meant, provider)
        if not place:
            return None
        found, until = self._asked.get(_key(meant, provider), (Found(), 0.0))
        if until <= self._clock():
            found = await _ask(meant, provider, place)
            self._asked[_key(meant, provider)] = found, self._clock() + (ASKED if any(found) else UNTOLD)
        if found.window or not private(place):
            return found.window or found.at_most
        return min(found.at_most or ASSUMED, ASSUMED)


def _key(meant: Target, provider: str) -> tuple[str, str]:
    return meant.model, address(meant, provider)


async def _ask(meant: Target, provider: str, place: str) -> Found:
    """Every question at once: a server answers those that it knows."""
    root, name = re.sub(r"/v1$", "", place), meant.model.partition("/")[2]
    headers = {"Authorization": f"Bearer {meant.spec.api_key}"} if meant.spec.api_key else {}
    async with httpx.AsyncClient(timeout=WINDOW_TIMEOUT, headers=headers) as client:
        if provider in OLLAMA:
            return _ollama(await _json(client, "POST", f"{root}/api/show", {"model": name}))
        questions = [f"{place}/models", f"{root}/props", f"{root}/api/v0/models"]
        asked = questions if private(place) else questions[:1]
        said = await asyncio.gather(*(_json(client, "GET", url) for url in asked))
    found = [_listed(said[0], name), *(_props(one) for one in said[1:2]), *(_listed(one, name) for one in said[2:])]
    return Found(*(next((one for one in sizes if one), None) for sizes in zip(*found, strict=True)))


async def _json(client: httpx.AsyncClient, method: str, url: str, body: Any = None) -> dict[str, Any]:
    """Empty for whatever is no answer."""
    try:
        async with asyncio.timeout(WINDOW_TIMEOUT):
            answer = await client.request(method, url, json=body)
        told = answer.json() if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _listed(told: dict[str, Any], name: str) -> Found:
    """A list of models: vLLM's says `max_model_len`, LM Studio's `loaded_context_length`, llama.cpp's `meta`."""
    models = [one for one in told.get("data") or () if isinstance(one, dict)]
    mine = [one for one in models if one.get("id") == name] or (models if len(models) == 1 else [])
    if not mine:
        return Found()
    said = mine[0].get("meta")
    meta: dict[str, Any] = said if isinstance(said, dict) else {}
    window = _size(mine[0], "max_model_len", "loaded_context_length", "context_length", "context_window")
    return Found(window or _size(meta, "n_ctx"), _size(mine[0], "max_context_length") or _size(meta, "n_ctx_train"))


def _props(told: dict[str, Any]) -> Found:
    """llama.cpp's: what each of its slots has."""
    settings = told.get("default_generation_settings")
    return Found(_size(settings if isinstance(settings, dict) else {}, "n_ctx"))


def _ollama(told: dict[str, Any]) -> Found:
    """`num_ctx` of the model's own file; what it was made for stands under its architecture."""
    own = _NUM_CTX.search(str(told.get("parameters") or ""))
    info = told.get("model_info")
    made = [key for key in info if str(key).endswith(".context_length")] if isinstance(info, dict) else []
    return Found(int(own[1]) if own else None, _size(info, made[0]) if made and isinstance(info, dict) else None)


def _size(told: dict[str, Any], *names: str) -> int | None:
    sizes = (told.get(name) for name in names)
    return next((one for one in sizes if type(one) is int and one >= SMALLEST), None)
