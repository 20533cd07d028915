"""The example of a platform: who is a member, who may read what, and what its doctor finds."""

from collections.abc import Sequence

from pydantic import SecretStr

from examples.mattermost.channels import MattermostChannels
from examples.mattermost.directory import MattermostDirectory
from examples.mattermost.doctor import check
from examples.mattermost.people import person
from examples.mattermost.rest import Rest
from examples.mattermost.settings import RULES, MattermostSettings
from tests.fake_mattermost.fixture import FakeMattermost
from tests.fake_mattermost.people import ANN, BOB
from threadwork.adapters.chat.wiring import DoctorContext
from threadwork.adapters.sealed_text import Seal
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal


def rest(fake: FakeMattermost) -> Rest:
    return Rest(fake.url, fake.token)


async def test_standing_is_what_the_teams_of_the_bot_say(fake_mattermost: FakeMattermost) -> None:
    directory = MattermostDirectory(rest(fake_mattermost))
    fake_mattermost.users[BOB]["roles"] = "system_guest"
    asked = [await directory.standing(person(one)) for one in (ANN, BOB, "user-nobody")]
    assert asked == ["member", "guest", "external"]
    assert await directory.standing(Principal(platform="slack", user_id=ANN)) == "unknown"
    fake_mattermost.teams = []
    assert await directory.standing(person(ANN)) == "external"


async def test_an_open_channel_is_public_where_there_is_one_team(fake_mattermost: FakeMattermost) -> None:
    channels = MattermostChannels(rest(fake_mattermost))
    places = [Sink(platform="mattermost", channel=one) for one in ("C1", fake_mattermost.direct(ANN), "C9")]
    assert [await channels.kind(one) for one in places] == ["public", "direct", "private"]
    assert [await channels.speaks(one, places[0]) for one in (ANN, "user-nobody")] == [True, False]
    fake_mattermost.teams = ["team1", "team2"]
    assert await channels.kind(places[0]) == "private"
    assert not await channels.is_only_home(places[0])


async def found(settings: MattermostSettings, channel: str = "") -> list[tuple[str, str]]:
    """Names and states."""

    async def subscribed() -> Sequence[Sink]:
        return [Sink(platform="mattermost", channel="C1", kinds=("ended",))]

    async def people() -> dict[str, Principal]:
        return {}

    context = DoctorContext(settings, "", Seal(()), subscribed, people)
    return [(one.name, one.state) async for one in check(context, channel)]


async def test_the_doctor_says_whether_the_token_and_the_channels_are_good(fake_mattermost: FakeMattermost) -> None:
    def settings(token: str) -> MattermostSettings:
        return MattermostSettings(mattermost_url=fake_mattermost.url, mattermost_bot_token=SecretStr(token))

    good = [("mattermost token", "ok"), ("mattermost channel C9", "fail"), ("mattermost channel C1", "ok")]
    assert await found(settings(fake_mattermost.token), "C9") == good
    assert ("mattermost token", "fail") in await found(settings("another"))
    assert await found(MattermostSettings()) == [("mattermost", "ok")]


def test_the_bots_token_alone_is_not_enough() -> None:
    (told, *more) = RULES.misfits(MattermostSettings(mattermost_bot_token=SecretStr("token")))
    assert told == "MATTERMOST_URL is not set; it must be beside MATTERMOST_BOT_TOKEN."
    assert len(more) == 3
    assert list(RULES.misfits(MattermostSettings())) == []
