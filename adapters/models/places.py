"""Where a model is: its address, and whether that is a machine of one's own."""

import os
from ipaddress import ip_address
from urllib.parse import urlsplit

from threadwork.adapters.models.targets import Target

# Servers that people run themselves, and where each is when nobody says otherwise.
OWN = {
    "ollama": "http://localhost:11434",
    "ollama_chat": "http://localhost:11434",
    "llamafile": "http://127.0.0.1:8080/v1",
    "lm_studio": "http://localhost:1234/v1",
    "lemonade": "http://localhost:8000/api/v1",
    "docker_model_runner": "http://localhost:12434/engines/v1",
    "hosted_vllm": "",
    "vllm": "",
    "xinference": "",
}
VARIABLES = {
    "openai": ("OPENAI_API_BASE", "OPENAI_BASE_URL"),
    "ollama_chat": ("OLLAMA_API_BASE",),
}
NAMES = (".local", ".localhost", ".lan", ".internal", ".home.arpa")  # how names of a house's own network end
RELAYS = frozenset({"litellm_proxy"})  # they stand here, and what they pass on is paid elsewhere


def address(meant: Target, provider: str) -> str:
    """Where it is asked, as somebody said it; empty: where its provider is."""
    names = VARIABLES.get(provider, (f"{provider.upper()}_API_BASE",))
    said = (meant.spec.base_url, *(os.environ.get(name) for name in names), OWN.get(provider))
    return next((one for one in said if one), "").rstrip("/")


def is_own(meant: Target, provider: str) -> bool:
    """Whether it runs on a machine of one's own, where tokens cost nothing."""
    if provider in RELAYS or meant.model.endswith("-cloud"):  # Ollama passes those on to its makers
        return False
    place = address(meant, provider)
    return private(place) if place else provider in OWN


def private(url: str) -> bool:
    """Whether an address leads to this machine or to a network of one's own."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(NAMES)
