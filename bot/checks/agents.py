"""The configuration, the models its agents use, and its tool servers: as a worker would find them."""

from collections.abc import AsyncIterator

from threadwork.activities.ports import Model
from threadwork.adapters.catalog.files import ConfigError, FileCatalog
from threadwork.bot.bootstrap import open_model
from threadwork.bot.catalog import load_catalog, offered, without_effect
from threadwork.bot.settings import DEMO_MODEL, Settings
from threadwork.workflows.check_results import CheckResult, fail, ok, warn
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.models import ModelRequest

ANSWER = 16  # tokens of the answer to a test call: the least that all providers take
IDLE_TIMEOUT = 20.0  # seconds without a sign of life in which a test call is given up


async def config(settings: Settings) -> AsyncIterator[CheckResult]:
    try:
        catalog = load_catalog(settings)
    except ConfigError as error:
        for problem in error.problems:
            yield fail("config", problem, "Fix the file; all its mistakes are listed here.")
        return
    yield ok("config", await _told(settings, catalog))
    for note in catalog.notes:
        yield warn("config", note)
    if offer := offered(settings, catalog):
        yield ok("tool servers", offer)
    if sentence := without_effect(catalog):
        yield fail("config", sentence, "Remove this from threadwork.yaml for now.")


async def _told(settings: Settings, catalog: FileCatalog) -> str:
    if settings.config_path is None:
        return "There is no threadwork.yaml: the built-in agent is used."
    names = ", ".join(agent.name for agent in await catalog.agents())
    return f"{settings.config_path} is valid. Agents: {names}."


async def models(settings: Settings, call: bool = False) -> AsyncIterator[CheckResult]:
    """Each model once. `call`: it is asked for a few tokens, which costs money."""
    try:
        catalog = load_catalog(settings)
    except ConfigError:
        return  # `config` tells that
    model = open_model(settings, catalog)
    try:
        for name in (await catalog.models()).names:
            yield await _model(model, name, settings, call)
    finally:
        await model.close()


async def servers(settings: Settings, name: str) -> AsyncIterator[CheckResult]:
    """One tool server, started for the time being."""
    from threadwork.adapters.tools.mcp_pool import McpToolBox

    tools = McpToolBox(load_catalog(settings).servers, settings.environment, logins=settings.logins)
    try:
        found = await tools.discover([name])
    finally:
        await tools.close()
    for problem in found.problems:
        yield fail(f"tools {name}", problem, "" if "mcpServers" in problem else "Check its entry under mcpServers.")
    if not found.problems:
        yield ok(f"tools {name}", f"It starts and has {len(found.tools)} tools.")


def server_names(settings: Settings) -> list[str]:
    """None at all where the configuration cannot be read; `config` tells that."""
    try:
        return list(load_catalog(settings).servers)
    except ConfigError:
        return []


async def _model(model: Model, name: str, settings: Settings, call: bool) -> CheckResult:
    what = f"model {name}"
    try:
        facts = await model.facts(name)
        if call:
            await _call(model, name)
    except ThreadworkError as error:
        return fail(what, error.detail, error.hint)
    if name == DEMO_MODEL:
        return warn(what, "It is a script, not an AI.", "Set THREADWORK_MODEL and your provider's key for a real one.")
    if not facts.priced:
        return warn(
            what,
            "Its price is not known: budgets in dollars do not limit it.",
            "Set budgets in tokens, or a price under models.",
        )
    return ok(what, "It answered." if call else "Set up, not tested. (--call tests it, for a few tokens.)")


async def _call(model: Model, name: str) -> None:
    messages = ({"role": "user", "content": "Say: ok"},)
    async for _ in model.stream(ModelRequest(model=name, messages=messages, max_output=ANSWER, timeout=IDLE_TIMEOUT)):
        pass
