"""Mattermost's variables."""

from collections.abc import Iterator

from pydantic import BaseModel, SecretStr

from threadwork.adapters.chat.platform_settings import SettingsRules

NONE = SecretStr("")


class MattermostSettings(BaseModel):
    """Connected by the bot's token, beside which all others must be set."""

    mattermost_bot_token: SecretStr = NONE  # of the bot account; set: Mattermost is connected
    mattermost_url: str = ""  # of the server, such as https://chat.example.com
    mattermost_command_token: SecretStr = (
        NONE  # what Mattermost shows when the slash command is made, and sends with each
    )
    mattermost_button_secret: SecretStr = NONE  # signs buttons and dialogs; the same for every process
    mattermost_public_url: str = ""  # where Mattermost reaches the bot; its ways begin with /mattermost/

    @property
    def buttons_url(self) -> str:
        return f"{self.mattermost_public_url.rstrip('/')}/mattermost/buttons"

    @property
    def dialogs_url(self) -> str:
        return f"{self.mattermost_public_url.rstrip('/')}/mattermost/dialogs"


def _connected(settings: MattermostSettings) -> bool:
    return bool(settings.mattermost_bot_token)


def _misfits(settings: MattermostSettings) -> Iterator[str]:
    for name in MattermostSettings.model_fields if _connected(settings) else ():
        if not getattr(settings, name):
            yield f"{name.upper()} is not set; it must be beside MATTERMOST_BOT_TOKEN."


RULES = SettingsRules[MattermostSettings](
    connected=_connected,
    misfits=_misfits,
    why_public=lambda settings: "Mattermost sends commands and clicks over HTTP" if _connected(settings) else "",
    entrance=lambda settings, served: f"{served}/mattermost/command",
)
