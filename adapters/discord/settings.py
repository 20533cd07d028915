"""Discord's variables."""

from pydantic import BaseModel, Field, SecretStr

from threadwork.adapters.chat.platform_settings import SettingsRules
from threadwork.adapters.setting_kinds import CommandWord, HttpUrl, SocketUrl
from threadwork.workflows.slash_name import AGENT


class DiscordSettings(BaseModel):
    """Connected by the bot's token."""

    discord_bot_token: SecretStr | None = None  # set: Discord is connected
    discord_command: CommandWord = AGENT  # what the slash command is called; the bot registers it as it starts
    discord_api_url: HttpUrl | None = None  # None: Discord's own
    discord_gateway_url: SocketUrl | None = None  # None: as Discord says
    discord_shards: int | None = Field(None, ge=1)  # None: as many as Discord advises


RULES = SettingsRules[DiscordSettings](
    connected=lambda settings: bool(settings.discord_bot_token), command=lambda settings: settings.discord_command
)
