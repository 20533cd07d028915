"""People that are named in the file, at work or linked, and whom their platform no longer knows."""

from collections.abc import AsyncIterator

from threadwork.adapters.catalog.files import ConfigError, FileCatalog
from threadwork.adapters.slack.checks import unknown_people
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.people_moves import SqlPeopleMoves, parsed
from threadwork.adapters.sql.revision import revision
from threadwork.bot.settings import Settings
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.check_results import CheckResult, ok, warn
from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import Principal

MAX_PEOPLE = 50  # people who are asked after
NAME = "slack people"


async def slack_people(settings: Settings, token: str, team: str) -> AsyncIterator[CheckResult]:
    """Of the workspace that the token is for: ids change when a workspace joins an organisation."""
    name = f"{NAME} {team}".strip()
    asked = {key: one for key, one in (await _known(settings)).items() if team in ("", one.workspace)}
    unknown = await unknown_people(token, settings.slack_api_url, {one.user_id for one in asked.values()})
    gone = sorted(key for key, one in asked.items() if one.user_id in unknown)
    if asked and not gone:
        yield ok(
            name, f"Slack knows all {len(asked)} people of threadwork.yaml, of recent tasks and of linked accounts."
        )
    if not gone:
        return
    hint = f"If an id changed: threadwork people move {gone[0]} NEW, and write the new one in threadwork.yaml too."
    yield warn(name, f"Slack does not know {', '.join(gone[:5])}{' and others' if len(gone) > 5 else ''}.", hint)


async def _known(settings: Settings) -> dict[str, Principal]:
    return dict(list({**await _named(settings), **await _stored(settings)}.items())[:MAX_PEOPLE])


async def _stored(settings: Settings) -> dict[str, Principal]:
    """Nobody where the database is away or of another version: its own check tells of that."""
    try:
        if (found := await revision(settings.database)) is None or found.current != found.head:
            return {}
    except Exception:  # drivers have no common name for theirs
        return {}
    database = Database(settings.database)
    try:
        return await SqlPeopleMoves(database).known("slack", MAX_PEOPLE)
    finally:
        await database.close()


async def _named(settings: Settings) -> dict[str, Principal]:
    try:
        catalog = FileCatalog.load(settings.config_path, settings.threadwork_model, settings.home)
        members = {member for agent in await catalog.agents() for member in _members(agent)}
    except ConfigError:
        return {}
    people = [person for member in sorted(members) if (person := _person(member))]
    return {person.account: person for person in people}


def _members(agent: AgentSpec) -> tuple[str, ...]:
    return (*agent.approvals.approvers, *agent.access.run, *agent.access.control, *agent.access.budget)


def _person(member: str) -> Principal | None:
    """Keys of Slack's alone: a bare id may be of any platform."""
    if not member.startswith("slack:"):
        return None
    try:
        return parsed(member)
    except Rejected:
        return None
