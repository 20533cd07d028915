"""`threadwork.yaml` as every process finds it, and a word about what nothing acts on so far."""

from pathlib import Path

import structlog

from threadwork.adapters.catalog.files import FileCatalog
from threadwork.adapters.catalog.foreign_servers import lying_about
from threadwork.bot.settings import Settings
from threadwork.workflows.values import preview

MAX_NAMES = 200  # characters of the names of servers
log = structlog.get_logger(__name__)


def load_catalog(settings: Settings) -> FileCatalog:
    """Raises `ConfigError` with every mistake in the file."""
    return FileCatalog.load(settings.config_path, settings.threadwork_model, settings.home)


def without_effect(catalog: FileCatalog) -> str:
    """A sentence about what is checked and then does nothing, such as limits; empty: there is no such thing."""
    if not catalog.without_effect:
        return ""
    sections = ", ".join(catalog.without_effect)
    it = ("It has", "it") if len(catalog.without_effect) == 1 else ("They have", "them")
    return f"threadwork.yaml sets {sections}. {it[0]} no effect yet: do not rely on {it[1]}."


def offered(settings: Settings, catalog: FileCatalog) -> str:
    """A sentence about tool servers that other programs declare in the same folder; empty: there is nothing to say."""
    folder = settings.config_path.absolute().parent if settings.config_path else Path.cwd()
    files = {file: names for file, names in lying_about(folder).items() if file not in catalog.servers_from}
    if not files:
        return ""
    named = "; ".join(f"{file} ({preview(', '.join(names), MAX_NAMES)})" for file, names in files.items())
    return (
        f"Tool servers of other programs are declared here: {named}. To use them: mcpServersFrom: [{', '.join(files)}]"
    )


def load_aloud(settings: Settings) -> FileCatalog:
    """`load_catalog` for the start of a process, whose log begins with that sentence."""
    catalog = load_catalog(settings)
    if sentence := without_effect(catalog):
        log.warning(sentence)
    for note in catalog.notes:
        log.warning(note)
    return catalog
