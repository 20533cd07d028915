"""The example of a platform, as people of a channel see it: a real bot, a real worker, a real Temporal."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from examples.mattermost.inbound import missed
from tests.app_harness import until_so
from tests.examples.mattermost_harness import TOWN, AppHarness, connect
from tests.fake_mattermost.fixture import FakeMattermost
from tests.fake_mattermost.people import ANN, BOB
from tests.worker_harness import call, done
from threadwork.adapters.memory.model import says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
Opened = Callable[..., AbstractAsyncContextManager[AppHarness]]


@pytest.fixture
def opened(
    temporal: Client, fake_mattermost: FakeMattermost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Opened:
    connect(monkeypatch)

    def open(script: Any, bots: int = 1) -> AbstractAsyncContextManager[AppHarness]:
        return AppHarness(temporal, fake_mattermost, tmp_path, script).open(bots)

    return open


@pytest.fixture(autouse=True)
def _nothing_was_refused(fake_mattermost: FakeMattermost) -> Any:
    yield
    assert fake_mattermost.objections == []


async def test_a_command_becomes_a_thread_that_asks_answers_and_takes_replies(
    fake_mattermost: FakeMattermost, opened: Opened
) -> None:
    script = [says("", call("notes__write", name="b", text="Welcome!")), done("It is **written**."), done("Signed.")]
    async with opened(script) as app:
        answered = (await fake_mattermost.slash(ANN, TOWN, "run Write a welcome note")).json()
        root = await app.seen("Write a welcome note")
        card = await app.seen("Welcome!", "[Allow once]")
        assert await app.sure(BOB, card, "Allow once") == ""
        await app.seen("It is **written**.", "[👍] [👎]")
        await (await app.task()).result()
        fake_mattermost.say(ANN, TOWN, "Sign it, too", root["id"])
        answer = await app.seen("Signed.")
        (reply,) = [one for one in await (await app.task()).events() if one.type == "follow_up.received"]
    assert answered["response_type"] == "ephemeral"
    assert "Started" in answered["text"]
    assert (card["root_id"], answer["root_id"]) == (root["id"], root["id"])
    assert "[Allow once]" not in str(fake_mattermost.posts[card["id"]]["props"])
    assert reply.data["by"]["name"] == "Ann"


async def test_a_denial_tells_its_reason_by_a_dialog_that_only_its_person_can_send(
    fake_mattermost: FakeMattermost, opened: Opened
) -> None:
    async with opened([says("", call("notes__write", name="b")), done("Left alone.")]) as app:
        fake_mattermost.say(ANN, TOWN, "@threadwork write a note")
        card = await app.seen("[Deny with a reason]")
        await fake_mattermost.click(BOB, card, "Deny with a reason")
        dialog = fake_mattermost.dialogs[-1]
        assert "not for you" in await fake_mattermost.submit(ANN, dialog, given="I say so")
        assert await fake_mattermost.submit(BOB, dialog, given="It is a holiday") == ""
        assert await fake_mattermost.submit(BOB, dialog, given="No, really") == "", "it counts once"
        await app.seen("Left alone.")
        decided = await (await app.task()).happened("human_approval.received")
        types = await (await app.task()).types()
    assert (decided.data["by"]["name"], types.count("human_approval.received")) == ("Bob", 1)
    assert "It is a holiday" in str(decided.data)


async def test_arguments_are_edited_in_a_dialog_that_says_what_is_wrong_with_them(
    fake_mattermost: FakeMattermost, opened: Opened
) -> None:
    async with opened([says("", call("notes__write", name="b", text="Hi")), done("It is written.")]) as app:
        fake_mattermost.say(ANN, TOWN, "@threadwork write a note")
        card = await app.seen("[Edit and allow]")
        assert "This is not JSON" in await app.sure(ANN, card, "Edit and allow", given="{")
        dialog = fake_mattermost.dialogs[-1]
        assert '"text": "Hi"' in dialog["dialog"]["elements"][0]["default"]
        assert await fake_mattermost.submit(ANN, dialog, given='{"name": "c"}') == ""
        await app.seen("It is written.")
        decided = await (await app.task()).happened("human_approval.received")
    assert decided.data["edited_ref"]


@pytest.mark.parametrize("way", ["button", "word", "sign"])
async def test_a_task_is_stopped_by_button_word_and_sign(
    fake_mattermost: FakeMattermost, opened: Opened, way: str
) -> None:
    async with opened([says("", call("notes__write", name="b"))]) as app:
        fake_mattermost.say(ANN, TOWN, "@threadwork write a note")
        await app.seen("[Allow once]")
        root = await app.seen("[Stop]")
        if way == "button":
            await app.sure(BOB, root, "Stop")
        elif way == "word":
            fake_mattermost.say(BOB, TOWN, "stop", root["root_id"] or root["id"])
        else:
            fake_mattermost.react(BOB, fake_mattermost.posts[root["root_id"] or root["id"]], "octagonal_sign")
        cancelled = await (await app.task()).happened("workflow.cancelled")
    assert cancelled.data["by"]["name"] == "Bob"


async def test_a_goal_that_is_edited_later_is_told_about(fake_mattermost: FakeMattermost, opened: Opened) -> None:
    async with opened([says("", call("notes__write", name="b"))]) as app:
        goal = fake_mattermost.say(ANN, TOWN, "@threadwork write a note")
        await app.seen("[Allow once]")
        fake_mattermost.reword(goal, "@threadwork write two notes")
        told = await app.told(ANN, "The agent has already read the first version")
        assert len(await app.tasks()) == 1
    assert told["channel_id"] == f"direct-{ANN}"


async def test_what_was_said_while_the_websocket_was_down_is_heard_once(
    fake_mattermost: FakeMattermost, opened: Opened
) -> None:
    script = [says("", call("notes__write", name="b")), done("Heard."), done("Never.")]
    async with opened(script) as app:
        fake_mattermost.say(ANN, TOWN, "@threadwork write a note")
        card = await app.seen("[Allow once]")
        fake_mattermost.sockets.cut()
        reply = fake_mattermost.say(ANN, TOWN, "Make it short", card["root_id"])
        fake_mattermost.reword(reply, "Make it shorter")
        fake_mattermost.sockets.down = False
        await until_so(lambda: fake_mattermost.sockets.open)
        card = await app.seen("[Deny and read it]")
        await fake_mattermost.click(BOB, card, "Deny and read it")
        await app.seen("Heard.")
        fake_mattermost.sockets.losing = 1
        fake_mattermost.say(BOB, TOWN, "nothing to do with it")
        sessions = fake_mattermost.sockets.sessions
        fake_mattermost.say(BOB, TOWN, "which shows that something was lost")
        await until_so(lambda: fake_mattermost.sockets.sessions > sessions)
        fake_mattermost.say(ANN, TOWN, "One more", card["root_id"])
        replies = [await (await app.task()).happened("follow_up.received", times) for times in (1, 2)]
        all_replies = (await (await app.task()).types()).count("follow_up.received")
    assert [one.data["preview"] for one in replies] == ["Make it shorter", "One more"]
    assert all_replies == 2


async def test_a_reply_made_while_no_bot_ran_is_heard_by_the_next_one(
    fake_mattermost: FakeMattermost, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "RECENT", -60_000)  # as if it was said too long ago for what is read of channels
    async with opened([done("Done."), done("And more.")], bots=0) as app:
        async with app.bot():
            fake_mattermost.say(ANN, TOWN, "@threadwork write a note")
            answer = await app.seen("Done.")
            await (await app.task()).result()
        reply = fake_mattermost.say(ANN, TOWN, "More, please", answer["root_id"])
        async with app.bot():
            await app.seen("And more.")
            events = [one for one in await (await app.task()).events() if one.type == "follow_up.received"]
    assert [one.data["message_id"].rpartition("-")[2] for one in events] == [reply["id"]]


async def test_what_is_delivered_twice_counts_and_is_answered_once(
    fake_mattermost: FakeMattermost, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fake_mattermost.server.DEDUPLICATED", 0)  # it does not put right what we do twice
    async with opened([done("Done."), done("Never.")], bots=2) as app:
        fake_mattermost.sockets.twice = True
        fake_mattermost.say(ANN, TOWN, "@threadwork help")
        fake_mattermost.say(ANN, TOWN, "@threadwork write a note")
        await app.seen("Done.")
        await app.told(ANN, "/agent run")
        await fake_mattermost.slash(BOB, TOWN, "list")
        told = [one for one in fake_mattermost.posts.values() if one["channel_id"] == f"direct-{ANN}"]
        assert (len(await app.tasks()), len(told)) == (1, 1)


async def test_who_is_not_mattermost_changes_nothing(fake_mattermost: FakeMattermost, opened: Opened) -> None:
    async with opened([says("", call("notes__write", name="b"))]) as app:
        refused = await fake_mattermost.slash(BOB, TOWN, "run Forge a note", token="another")
        fake_mattermost.say(ANN, TOWN, "@threadwork write a note")
        card = await app.seen("[Deny]")
        (forged,) = [one for one in _contexts(card) if one["press"].startswith("deny|")]
        moved = {"context": {**forged, "press": forged["press"].replace("deny|", "approve|")}}
        changes: tuple[dict[str, Any], ...] = (moved, {"channel_id": "C2"}, {"context": {}})
        for change in changes:
            assert "not made by Threadwork" in await fake_mattermost.click(BOB, card, "Deny", **change)
        stolen = {
            "dialog": {"state": '{"opened": "{}", "signature": ""}'},
            "url": "https://bot.test/mattermost/dialogs",
        }
        assert "not opened by Threadwork" in await fake_mattermost.submit(BOB, stolen, given="x")
        await fake_mattermost.click(ANN, card, "Deny")
        decided = await (await app.task()).happened("human_approval.received")
        assert len(await app.tasks()) == 1
    assert (refused.status_code, refused.text) == (401, "")
    assert (decided.data["by"]["name"], decided.data["decision"]) == ("Ann", "deny")


def _contexts(post: dict[str, Any]) -> list[dict[str, str]]:
    return [action["integration"]["context"] for one in post["props"]["attachments"] for action in one["actions"]]
