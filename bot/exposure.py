"""Whether an address that the internet is to reach also leads to the API of the machine."""

from threadwork.bot.settings import Settings
from threadwork.workflows.check_results import CheckResult, fail

MEND = "Set THREADWORK_PUBLIC=127.0.0.1:8010 and point the proxy there, or set THREADWORK_API_TOKEN."


def exposed(settings: Settings) -> CheckResult | None:
    """What is wrong where a proxy is needed, and neither a token nor an address of its own is set; else None."""
    reason = _needs_a_proxy(settings)
    if reason is None or settings.threadwork_api_token or settings.threadwork_public:
        return None
    told = f"{reason}, and THREADWORK_HTTP serves the whole API too: a proxy in front of it could let strangers in."
    return fail("public address", told, MEND)


def _needs_a_proxy(settings: Settings) -> str | None:
    if settings.slack and not settings.slack_app_token:
        return "Slack sends its requests over HTTP"
    if settings.slack_client_id:
        return "Workspaces install the Slack app over HTTP"
    return None
