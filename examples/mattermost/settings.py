"""What has to be known of a Mattermost, from variables that begin with its name."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class MattermostSettings(BaseSettings):
    """Every variable, without `MATTERMOST_` and in small letters. Raises `ValidationError` where one is missing."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="MATTERMOST_", env_ignore_empty=True)

    url: str  # of the server, such as https://chat.example.com
    bot_token: SecretStr  # of the bot account
    command_token: SecretStr  # what Mattermost shows when the slash command is made, and sends with each
    button_secret: SecretStr  # signs buttons and dialogs; the same for every process
    public_url: str  # where Mattermost reaches the bot; its ways begin with /mattermost/

    @property
    def buttons_url(self) -> str:
        return f"{self.public_url.rstrip('/')}/mattermost/buttons"

    @property
    def dialogs_url(self) -> str:
        return f"{self.public_url.rstrip('/')}/mattermost/dialogs"
