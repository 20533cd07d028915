"""Whether an address that the internet is to reach also leads to the API of the machine."""

from threadwork.adapters.chat.platform_settings import rules_of
from threadwork.bot.settings import Settings
from threadwork.workflows.check_results import CheckResult, fail
from threadwork.workflows.platform_registry import PLATFORMS

MEND = "Set THREADWORK_PUBLIC=127.0.0.1:8010 and point the proxy there, or set THREADWORK_API_TOKEN."


def exposed(settings: Settings) -> CheckResult | None:
    """What is wrong where a proxy is needed, and neither a token nor an address of its own is set; else None."""
    return next((found for row in PLATFORMS if (found := exposed_by(settings, row.name))), None)


def exposed_by(settings: Settings, platform: str) -> CheckResult | None:
    """The same, where it is this platform that needs a proxy."""
    reason = rules_of(platform).why_public(settings)
    if not reason or settings.threadwork_api_token or settings.threadwork_public:
        return None
    told = f"{reason}, and THREADWORK_HTTP serves the whole API too: a proxy in front of it could let strangers in."
    return fail("public address", told, MEND)
