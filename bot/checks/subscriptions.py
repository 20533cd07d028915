"""The channels that were subscribed, by the file or by people: `doctor` looks at each."""

from threadwork.adapters.catalog.files import ConfigError, FileCatalog
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.revision import revision
from threadwork.adapters.sql.subscriptions import SqlSubscriptions
from threadwork.bot.settings import Settings
from threadwork.workflows.domain.clock import utc_now
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription


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
