"""People that are named in the file, at work or linked."""

from threadwork.adapters.catalog.files import ConfigError, FileCatalog
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.people_moves import SqlPeopleMoves, parsed
from threadwork.adapters.sql.revision import revision
from threadwork.bot.settings import Settings
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import Principal

MAX_PEOPLE = 50  # people who are asked after


async def people(settings: Settings, platform: str) -> dict[str, Principal]:
    """Of one platform, by account: for its own check to ask whether it knows them."""
    named, stored = await _named(settings, platform), await _stored(settings, platform)
    return dict(list({**named, **stored}.items())[:MAX_PEOPLE])


async def _stored(settings: Settings, platform: str) -> dict[str, Principal]:
    """Nobody where the database is away or of another version: its own check tells of that."""
    try:
        if (found := await revision(settings.database)) is None or found.current != found.head:
            return {}
    except Exception:  # drivers have no common name for theirs
        return {}
    database = Database(settings.database)
    try:
        return await SqlPeopleMoves(database).known(platform, MAX_PEOPLE)
    finally:
        await database.close()


async def _named(settings: Settings, platform: str) -> dict[str, Principal]:
    try:
        catalog = FileCatalog.load(settings.config_path, settings.threadwork_model, settings.home)
        members = {member for agent in await catalog.agents() for member in _members(agent)}
    except ConfigError:
        return {}
    people = [person for member in sorted(members) if (person := _person(member, platform))]
    return {person.account: person for person in people}


def _members(agent: AgentSpec) -> tuple[str, ...]:
    return (*agent.approvals.approvers, *agent.access.run, *agent.access.control, *agent.access.budget)


def _person(member: str, platform: str) -> Principal | None:
    """Keys of the platform's alone: a bare id may be of any."""
    if not member.startswith(f"{platform}:"):
        return None
    try:
        return parsed(member)
    except Rejected:
        return None
