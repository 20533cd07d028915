"""The example of a platform: what its adapter does beyond the contract of `ChatAdapter`."""

from datetime import UTC, datetime, timedelta

import pytest

from examples.mattermost.buttons import pressed, signed
from examples.mattermost.cards import render
from examples.mattermost.chat import MattermostChat
from examples.mattermost.rest import Rest
from tests.adapters.card_cases import APPROVAL
from tests.fake_mattermost.fixture import FakeMattermost
from tests.fake_mattermost.people import ANN
from threadwork.workflows.buttons import Click
from threadwork.workflows.cards import NoticeCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.sinks import Sink

TASK = "t23456789012"
SINK = Sink(platform="mattermost", channel="C1")
APPROVE = Click(verb="approve", task_id=TASK, about="a1", detail="digest")
URL = "http://threadwork.test/mattermost/buttons"


def chat(fake: FakeMattermost) -> MattermostChat:
    return MattermostChat(Rest(fake.url, fake.token), URL, "secret")


def words(text: str) -> str:
    (part,) = render(TASK, NoticeCard(key="notice:1", text=text))
    return str(part.content["message"])


def test_a_button_that_we_made_is_taken() -> None:
    assert pressed({"channel_id": "C1", "context": signed(APPROVE, "secret", "C1")}, "secret") == APPROVE


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"channel_id": "C1", "context": None},
        {"channel_id": "C1", "context": {"press": APPROVE.encode()}},
        {"channel_id": "C2", "context": signed(APPROVE, "secret", "C1")},
        {"channel_id": "C1", "context": signed(APPROVE, "another", "C1")},
        {"channel_id": "C1", "context": {**signed(APPROVE, "secret", "C1"), "press": "deny|t1|a1|"}},
    ],
)
def test_a_button_that_we_did_not_make_for_that_channel_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(Rejected, match="not made by Threadwork"):
        pressed(body, "secret")


async def test_every_button_of_a_posted_approval_is_one_of_ours(fake_mattermost: FakeMattermost) -> None:
    (part,) = render(TASK, APPROVAL)
    message = await chat(fake_mattermost).post(SINK, part, "mark")
    (attachment,) = fake_mattermost.posts[message]["props"]["attachments"]
    contexts = [one["integration"]["context"] for one in attachment["actions"]]
    verbs = [pressed({"channel_id": "C1", "context": one}, "secret").verb for one in contexts]
    assert verbs == ["approve", "deny", "approve_task", "deny_because", "edit"]


async def test_a_post_made_again_is_recognised_and_says_what_was_said_last(fake_mattermost: FakeMattermost) -> None:
    first, again = (render(TASK, NoticeCard(key="notice:1", text=text))[0] for text in ("before", "after"))
    ids = {await chat(fake_mattermost).post(SINK, part, "mark") for part in (first, again)}
    (post,) = fake_mattermost.posts.values()
    assert (ids, post["message"]) == ({post["id"]}, "after")


async def test_marks_are_found_behind_hundreds_of_other_posts(fake_mattermost: FakeMattermost) -> None:
    (part,) = render(TASK, NoticeCard(key="notice:1", text="card"))
    began = datetime.now(UTC) - timedelta(seconds=60)
    message = await chat(fake_mattermost).post(SINK, part, "mark")
    for number in range(450):
        fake_mattermost.create({"channel_id": "C1", "message": str(number)}, fake_mattermost.now_ms())
    assert [one.message_id for one in await chat(fake_mattermost).find(SINK, began)] == [message]


async def test_a_mark_that_somebody_else_wrote_is_none_of_ours(fake_mattermost: FakeMattermost) -> None:
    began = datetime.now(UTC) - timedelta(seconds=60)
    fake_mattermost.say(ANN, "C1", "card", props={"threadwork_mark": "mark"})
    assert await chat(fake_mattermost).find(SINK, began) == []


async def test_a_person_is_written_to_where_a_sink_names_a_person(fake_mattermost: FakeMattermost) -> None:
    (part,) = render(TASK, NoticeCard(key="notice:1", text="card"))
    message = await chat(fake_mattermost).post(Sink(platform="mattermost", channel=ANN, direct=True), part, "mark")
    assert fake_mattermost.posts[message]["channel_id"] == f"direct-{ANN}"


async def test_a_mark_is_found_at_a_pages_edge_where_two_posts_share_a_millisecond(
    fake_mattermost: FakeMattermost,
) -> None:
    (part,) = render(TASK, NoticeCard(key="notice:1", text="card"))
    began = datetime.now(UTC) - timedelta(seconds=60)
    message = await chat(fake_mattermost).post(SINK, part, "mark")
    others = [fake_mattermost.create({"channel_id": "C1", "message": "x"}, 0) for _ in range(200)]
    others[0]["create_at"] = fake_mattermost.posts[message]["create_at"]
    assert [one.message_id for one in await chat(fake_mattermost).find(SINK, began)] == [message]


def test_nobody_is_called_by_a_card_and_code_stays_as_it_is() -> None:
    assert words("@channel: ask @anna") == "@\u200bchannel: ask @\u200banna"
    assert words("`@property` and a@example.org") == "`@property` and a@example.org"
