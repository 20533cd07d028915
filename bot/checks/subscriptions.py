"""The channels that were subscribed, by the file or by people: `doctor` looks at each."""

from adapters.catalog.files import ConfigError, FileCatalog
from adapters.sql.database import Database
from adapters.sql.revision import revision
from adapters.sql.subscriptions import SqlSubscriptions
from bot.settings import Settings
from workflows.domain.clock import utc_now
from workflows.sinks import Sink
from workflows.subscriptions import Subscription


async def subscribed(settings: Settings, platform: str) -> list[Sink]:
    """Of one platform. What cannot be read has none: the checks of file and database tell of that."""
    found = [*await _of_file(settings), *await _of_people(settings)]
    return [one.sink for one in found if one.sink.platform == platform]


async def _of_file(settings: Settings) -> list[Subscription]:
    try:
        catalog = FileCatalog.load(settings.config_path, settings.threadwork_model, settings.home)
        return await catalog.subscriptions()
    except ConfigError:
        return []


async def _of_people(settings: Settings) -> list[Subscription]:
    database = Database(settings.database)
    try:
        if (found := await revision(settings.database)) is None or found.current is None:
            return []
        return [one for one in await SqlSubscriptions(database, utc_now).all() if one.source == "chat"]
    except Exception:  # away, or made by another version: drivers have no common name for it
        return []
    finally:
        await database.close()
