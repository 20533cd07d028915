"""Slack's variables, and how they fit together."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from threadwork.adapters.chat.platform_settings import SettingsRules
from threadwork.adapters.setting_kinds import CommandWord, HttpUrl, Word
from threadwork.workflows.slash_name import AGENT


def _not(prefix: str, right: str) -> AfterValidator:
    """Tokens are easily taken for each other."""

    def check(value: SecretStr) -> SecretStr:
        if value.get_secret_value().startswith(prefix):
            raise ValueError(f"must begin with {right}; yours begins with {prefix}, so it is the other token")
        return value

    return AfterValidator(check)


BotToken = Annotated[SecretStr, _not("xapp-", "xoxb-")]
AppToken = Annotated[SecretStr, _not("xoxb-", "xapp-")]
ConfigToken = Annotated[SecretStr, _not("xoxe-", "xoxe.xoxp-")]  # beside it Slack shows one that only renews


class SlackSettings(BaseModel):
    """Connected by a token for one workspace, or by OAuth for several."""

    slack_bot_token: BotToken | None = None  # `xoxb-…`, of the one workspace
    slack_app_token: AppToken | None = None  # `xapp-…`; set: Socket Mode
    slack_signing_secret: SecretStr | None = None  # set: Slack calls over HTTP, and signs with it
    slack_api_url: HttpUrl | None = None  # None: Slack's own
    slack_client_id: Word | None = None  # set: several workspaces, each installs the app by OAuth
    slack_client_secret: SecretStr | None = None  # goes with the client id
    slack_agent: bool = False  # the app is declared an agent: Slack shows its state and a stop button of its own
    slack_command: CommandWord = AGENT  # what the app's slash command is called; the bot answers to any name
    slack_config_token: ConfigToken | None = None  # `xoxe.xoxp-…`, for `threadwork slack create` alone; lives 12 hours
    slack_lookups_per_minute: int = Field(50, ge=1)  # of `conversations.history` and `.replies`, each; docs/slack.md


def _connected(settings: SlackSettings) -> bool:
    return bool(settings.slack_bot_token or settings.slack_client_id)


def _misfits(settings: SlackSettings) -> Iterator[str]:
    if (settings.slack_client_id is None) != (settings.slack_client_secret is None):
        missing = "SLACK_CLIENT_ID" if settings.slack_client_id is None else "SLACK_CLIENT_SECRET"
        yield f"{missing} is not set; an app's client id and its secret go together."
    if settings.slack_bot_token and settings.slack_client_id:
        yield "SLACK_BOT_TOKEN (one workspace) and SLACK_CLIENT_ID (several) are both set; keep one of them."
    speaks = "SLACK_BOT_TOKEN" if settings.slack_bot_token else "SLACK_CLIENT_ID" if settings.slack_client_id else ""
    if speaks and not (settings.slack_app_token or settings.slack_signing_secret):
        yield f"SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) must be set beside {speaks}."
    if settings.slack_app_token and not speaks:
        yield "SLACK_BOT_TOKEN is not set; SLACK_APP_TOKEN alone cannot post."


def _why_public(settings: SlackSettings) -> str:
    if _connected(settings) and not settings.slack_app_token:
        return "Slack sends its requests over HTTP"
    return "Workspaces install the Slack app over HTTP" if settings.slack_client_id else ""


def _entrance(settings: SlackSettings, served: str) -> str:
    return "Socket Mode" if settings.slack_app_token else f"{served}/slack/events"


RULES = SettingsRules[SlackSettings](
    connected=_connected,
    misfits=_misfits,
    several=lambda settings: settings.slack_client_id is not None,
    why_public=_why_public,
    entrance=_entrance,
    command=lambda settings: settings.slack_command,
)
