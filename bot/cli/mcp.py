"""`threadwork mcp`: tool servers, for whoever runs the place."""

from threadwork.adapters.wording.card_words import clean
from threadwork.bot.catalog import load_catalog
from threadwork.bot.cli.run import tell
from threadwork.bot.settings import Settings
from threadwork.workflows.errors import NotFound

OPEN = "Open this link and log in; the browser then comes back to this machine:\n\n  {url}\n"
SAVED = "Logged in to {server}. Workers with the same THREADWORK_HOME now use this login and renew it."
OPEN_TO_ALL = "{server} needs no login."


async def login(settings: Settings, server: str, port: int) -> int:
    """Raises `NotFound` for a server that is not declared, and `ServerProblem`."""
    from threadwork.adapters.tools.mcp_auth import LoginFile
    from threadwork.adapters.tools.mcp_login import log_in
    from threadwork.adapters.tools.mcp_transport import Way

    declared = load_catalog(settings).servers
    if server not in declared:
        raise NotFound(f"There is no tool server {server}.", f"mcpServers declares: {', '.join(declared) or 'none'}.")
    spec = Way(server, declared[server], settings.environment).spec
    file = LoginFile(settings.logins, server, spec.url or "")
    done = await log_in(server, spec, file, lambda url: tell(OPEN.format(url=clean(url))), port)
    tell((SAVED if done else OPEN_TO_ALL).format(server=server))
    return 0
