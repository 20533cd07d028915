"""`threadwork.yaml` as every process finds it, and a word about what nothing acts on so far."""

import structlog

from adapters.catalog.files import FileCatalog
from bot.settings import Settings

log = structlog.get_logger(__name__)


def load_catalog(settings: Settings) -> FileCatalog:
    """Raises `ConfigError` with every mistake in the file."""
    return FileCatalog.load(settings.config_path, settings.threadwork_model, settings.home)


def without_effect(catalog: FileCatalog) -> str:
    """A sentence about what is checked and then does nothing, such as limits; empty: there is no such thing."""
    if not catalog.without_effect:
        return ""
    sections = ", ".join(catalog.without_effect)
    it = "it" if len(catalog.without_effect) == 1 else "them"
    return f"threadwork.yaml sets {sections}, but nothing acts on {it} yet: do not rely on {it}."


def load_aloud(settings: Settings) -> FileCatalog:
    """`load_catalog` for the start of a process, whose log begins with that sentence."""
    catalog = load_catalog(settings)
    if sentence := without_effect(catalog):
        log.warning(sentence)
    return catalog
