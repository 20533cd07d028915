"""The example of a platform: who is a member, and who may read what."""

from examples.mattermost.channels import MattermostChannels
from examples.mattermost.directory import MattermostDirectory
from examples.mattermost.people import person
from examples.mattermost.rest import Rest
from tests.fake_mattermost.fixture import FakeMattermost
from tests.fake_mattermost.people import ANN, BOB
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
