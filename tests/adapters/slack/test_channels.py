"""Who may read which channels of a workspace."""

import pytest
from aiohttp import web

from tests.adapters.slack.scripted_web_api import LOST, Scripted, answer, fine
from tests.fake_slack.client import FakeSlack
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.channels import MEMBERS_PER_CALL, SlackChannels
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import Sink

pytest_plugins = ["tests.fake_slack.fixture"]


def sink(channel: str) -> Sink:
    return Sink(platform="slack", workspace="T1", channel=channel, thread="1700.1")


async def test_a_channel_is_public_if_slack_says_that_it_is_not_private(fake_slack: FakeSlack) -> None:
    clients = Clients(one_token("xoxb-test"), fake_slack.api_url)
    channels = SlackChannels(clients)
    fake_slack.channel("C5", kind="group", members=("U1", "UBOT1"))
    fake_slack.channel("C6", kind="mpim", members=("U1", "U2", "UBOT1"))
    kinds = {id_: await channels.kind(sink(id_)) for id_ in ("C1", "C5", "C6", "C9", "C404", "D1")}
    assert kinds == {
        "C1": "public",
        "C5": "private",
        "C6": "private",
        "C9": "private",
        "C404": "private",
        "D1": "direct",
    }
    await clients.close()
    assert fake_slack.violations() == []


async def test_without_the_scope_every_channel_counts_as_private(fake_slack: FakeSlack) -> None:
    fake_slack.begin(scopes=("chat:write",))
    clients = Clients(one_token("xoxb-test"), fake_slack.api_url)
    assert await SlackChannels(clients).kind(sink("C1")) == "private"
    assert not await SlackChannels(clients).speaks("U1", sink("C1"))
    await clients.close()


@pytest.mark.parametrize(
    "told",
    [{"is_private": None}, {}, {"is_private": False, "is_mpim": True}, {"is_private": True, "is_channel": True}],
)
async def test_a_channel_of_which_slack_says_no_such_thing_is_private(
    clients: Clients, slack: Scripted, told: dict[str, object]
) -> None:
    slack.answers["conversations.info"] = [fine(channel={"id": "C1", **told})]
    assert await SlackChannels(clients).kind(sink("C1")) == "private"


async def test_members_are_read_page_by_page(fake_slack: FakeSlack) -> None:
    many = tuple(f"U{number}" for number in range(1_000, 1_000 + 2 * MEMBERS_PER_CALL))
    fake_slack.channel("C1", members=(*many, "U1", "UBOT1"))
    clients = Clients(one_token("xoxb-test"), fake_slack.api_url)
    assert await SlackChannels(clients).speaks("U1", sink("C1"))
    assert len(fake_slack.calls()) == 3
    assert not await SlackChannels(clients).speaks("U2", sink("C1"))
    await clients.close()
    assert fake_slack.violations() == []


@pytest.mark.parametrize("given", [LOST, answer(500), answer(429, {"Retry-After": "1"})])
async def test_while_slack_is_away_nothing_is_known(clients: Clients, slack: Scripted, given: web.Response) -> None:
    slack.answers["conversations.info"], slack.answers["conversations.members"] = [given], [given]
    with pytest.raises(ChatUnavailable):
        await SlackChannels(clients).kind(sink("C1"))
    with pytest.raises(ChatUnavailable):
        await SlackChannels(clients).speaks("U1", sink("C1"))


# Of a conversation that the app is not in Slack says `channel_not_found`, of a public channel `not_in_channel`:
# slack-ruby-client#227, python-slack-sdk#734, bolt-js#365.
@pytest.mark.parametrize("scopes", [None, ("chat:write", "channels:history")], ids=["all scopes", "without reading"])
async def test_the_app_posts_where_it_is_a_member(fake_slack: FakeSlack, scopes: tuple[str, ...] | None) -> None:
    fake_slack.begin(**({"scopes": scopes} if scopes else {}))
    fake_slack.channel("C5", kind="group", members=("U1", "UBOT1"))
    fake_slack.channel("C6", kind="mpim", members=("U1", "U2", "U3"))
    fake_slack.channel("D12", kind="im", user="U2", members=("U1", "U2"))
    clients = Clients(one_token("xoxb-test"), fake_slack.api_url)
    channels = SlackChannels(clients)
    takes = {id_: await channels.takes_posts(sink(id_)) for id_ in ("C1", "C5", "D1", "C8", "C9", "C6", "D12", "C404")}
    open_ones = {"C1", "C5", "D1"}
    assert takes == {id_: id_ in open_ones for id_ in takes}
    await clients.close()


async def test_what_slack_does_not_tell_of_a_channel_is_left_to_the_first_post(
    clients: Clients, slack: Scripted
) -> None:
    slack.answers["conversations.info"] = [answer(error="missing_scope"), LOST]
    slack.answers["conversations.history"] = [answer(error="missing_scope")]
    assert await SlackChannels(clients).takes_posts(sink("C1"))
    with pytest.raises(ChatUnavailable):
        await SlackChannels(clients).takes_posts(sink("C1"))


async def test_a_post_to_a_person_tells_their_conversation(fake_slack: FakeSlack) -> None:
    fake_slack.begin(scopes=("chat:write",))
    clients = Clients(one_token("xoxb-test"), fake_slack.api_url)
    found = await SlackChannels(clients).direct("U1", sink("C8"), "“<!channel>” runs here.")
    assert found == Sink(platform="slack", workspace="T1", channel="D1")
    (said,) = fake_slack.messages("D1")
    assert said.pings == []
    assert "runs here." in said.readable
    await clients.close()
    assert fake_slack.violations() == []
