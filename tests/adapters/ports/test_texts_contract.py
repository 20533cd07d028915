from datetime import timedelta

import pytest

from tests.adapters.conftest import Story
from threadwork.workflows.cards import FOLD_VERSION, NoticeCard, ThreadView
from threadwork.workflows.errors import NotFound
from threadwork.workflows.files import GivenFile, StoredFile, given
from threadwork.workflows.run_requests import Input
from threadwork.workflows.tasks import Reply


async def test_a_text_comes_back_as_it_was_put(story: Story) -> None:
    task = await story.task()
    message = story.text("output:1", "NUL \0, ☃ and half a \ud83d pair", kind="text")
    await story.store.transcript.put(task, message)
    assert await story.store.transcript.get(task, "output:1") == message


async def test_the_first_text_under_a_ref_stays(story: Story) -> None:
    task = await story.task()
    await story.store.transcript.put(task, story.text("a", "first"))
    await story.store.transcript.put(task, story.text("a", "second", position=4))
    await story.store.transcript.put(task, story.text("a", "third", position=5))
    stored = await story.store.transcript.get(task, "a")
    assert (stored.body["content"], stored.position) == ("first", 4)


async def test_a_text_that_is_not_there_is_not_found(story: Story) -> None:
    task = await story.task()
    with pytest.raises(NotFound):
        await story.store.transcript.get(task, "nothing")
    with pytest.raises(NotFound):
        await story.store.transcript.put("nobody", story.text("a"))


async def test_texts_of_different_tasks_are_apart(story: Story) -> None:
    one, two = await story.task(), await story.task()
    await story.store.transcript.put(one, story.text("a", "one", position=1))
    await story.store.transcript.put(two, story.text("a", "two", position=1))
    assert (await story.store.transcript.get(two, "a")).body["content"] == "two"
    assert [message.ref for message in await story.store.transcript.conversation(one, 9)] == ["goal", "a"]


async def test_the_conversation_is_what_has_a_place_before_the_next_answer(story: Story) -> None:
    task = await story.task(goal="Tidy up")
    for position, ref in ((11, "k"), (2, "b"), (None, "text"), (1, "a")):
        await story.store.transcript.put(task, story.text(ref, position=position))
    conversation = await story.store.transcript.conversation(task, 11)
    assert [message.ref for message in conversation] == ["goal", "a", "b"]
    assert conversation[0].body == {"role": "user", "content": "Tidy up"}
    assert [message.ref for message in await story.store.transcript.conversation(task, 12)] == ["goal", "a", "b", "k"]


def view(seq: int, text: str = "", version: int = FOLD_VERSION) -> ThreadView:
    return ThreadView(task_id="t1", seq=seq, fold_version=version, cards=(NoticeCard(key="notice:1", text=text),))


async def test_a_view_is_kept_until_a_newer_one_comes(story: Story) -> None:
    views = story.store.views
    assert await views.load("t1") is None
    await views.save(view(3, "three"))
    assert await views.load("t1") == view(3, "three")
    await views.save(view(3, "again"))
    await views.save(view(2, "older"))
    assert await views.load("t1") == view(3, "three")
    await views.save(view(4, "four"))
    assert await views.load("t1") == view(4, "four")


async def test_a_view_of_another_fold_version_is_not_shown_and_is_replaced_by_any(story: Story) -> None:
    views = story.store.views
    await views.save(view(9, version=FOLD_VERSION + 1))
    assert await views.load("t1") is None
    await views.save(view(1))
    assert await views.load("t1") == view(1)


async def test_before_a_summary_only_what_people_said_is_read(story: Story) -> None:
    task = await story.task()
    await story.store.transcript.put(task, story.text("a", kind="assistant", position=1))
    await story.store.transcript.put(task, story.text("f", kind="follow_up", position=2))
    await story.store.transcript.put(task, story.text("b", kind="assistant", position=3))
    conversation = await story.store.transcript.conversation(task, 9, since=3)
    assert [message.ref for message in conversation] == ["goal", "f", "b"]


# --- what people change ------------------------------------------------------------------------------


async def replied(story: Story, words: str = "And the attic") -> str:
    task = await story.task()
    await story.reply(task, "C1:5", words)
    return task


async def content(story: Story, task: str, ref: str = "reply:C1:5") -> str:
    return str((await story.store.transcript.get(task, ref)).body["content"])


async def test_what_nobody_has_read_yet_can_be_changed_and_taken_back(story: Story) -> None:
    task, amend = await replied(story), story.store.transcript.amend
    assert await amend(task, "reply:C1:5", "And the cellar", story.clock())
    assert (await story.store.transcript.get(task, "reply:C1:5")).body == {"role": "user", "content": "And the cellar"}
    assert await amend(task, "reply:C1:5", None, story.clock() + timedelta(seconds=1))
    assert "took this message back" in await content(story, task)


async def test_files_lie_beside_a_message_and_stay_with_it_when_it_is_changed(story: Story) -> None:
    task, transcript = await story.task(), story.store.transcript
    picture = GivenFile(name="a\nb.png", media_type="image/png", content=b"\x89\x00\xff")
    await story.reply(task, "C1:5", "Look", files=(picture,))
    named = StoredFile(ref="file:reply:C1:5:0", name="a b.png", media_type="image/png", size=3)
    assert (await transcript.get(task, "reply:C1:5")).body["files"] == [named.model_dump()]
    assert given((await transcript.get(task, named.ref)).body) == picture
    assert await transcript.amend(task, "reply:C1:5", "Look here", story.clock())
    changed = (await transcript.get(task, "reply:C1:5")).body
    assert changed == {"role": "user", "content": "Look here", "files": [named.model_dump()]}
    assert await transcript.amend(task, "reply:C1:5", None, story.clock() + timedelta(seconds=1))
    assert "files" not in (await transcript.get(task, "reply:C1:5")).body
    known = await story.store.intake.get("slack", "C1:5")
    assert known
    assert isinstance(known.command.action, Reply)
    assert known.command.action.files == (), "they are not kept twice"


async def test_an_older_change_that_comes_late_is_ignored(story: Story) -> None:
    task, amend = await replied(story), story.store.transcript.amend
    assert await amend(task, "reply:C1:5", "newer", story.clock())
    assert await amend(task, "reply:C1:5", "older", story.clock() - timedelta(seconds=1))
    assert await amend(task, "reply:C1:5", "the same again", story.clock())
    assert await content(story, task) == "newer"


async def test_what_has_its_place_in_the_conversation_stays_as_it_was_read(story: Story) -> None:
    task, amend = await replied(story), story.store.transcript.amend
    await story.store.transcript.place(task, [Input(position=3, kind="follow_up", ref="reply:C1:5")])
    assert not await amend(task, "reply:C1:5", "And the cellar", story.clock())
    assert await content(story, task) == "And the attic"


async def test_a_changed_text_enters_the_conversation_changed(story: Story) -> None:
    task = await replied(story)
    await story.store.transcript.amend(task, "reply:C1:5", "And the cellar", story.clock())
    await story.store.transcript.place(task, [Input(position=3, kind="follow_up", ref="reply:C1:5")])
    conversation = await story.store.transcript.conversation(task, 9)
    assert [message.body["content"] for message in conversation] == ["Tidy up", "And the cellar"]


async def test_what_is_not_there_cannot_be_changed(story: Story) -> None:
    task = await story.task()
    with pytest.raises(NotFound):
        await story.store.transcript.amend(task, "reply:C1:5", "x", story.clock())


async def test_a_goal_can_be_changed_until_a_model_has_read_it(story: Story) -> None:
    task, amend = await story.begun(), story.store.transcript.amend
    assert await amend(task, "goal", "Tidy", story.clock())
    assert await content(story, task, "goal") == "Tidy"
    assert (await story.store.tasks.get(task)).goal == "Tidy"
    assert (await story.store.tasks.order(task)).goal == "Tidy"
    await story.claim(task, kind="model")
    assert not await amend(task, "goal", "Leave it", story.clock() + timedelta(seconds=1))
    assert (await story.store.tasks.order(task)).goal == await content(story, task, "goal") == "Tidy"


async def test_a_change_that_comes_too_late_is_told_of_once(story: Story) -> None:
    task, amend = await replied(story), story.store.transcript.amend
    await story.store.transcript.place(task, [Input(position=3, kind="follow_up", ref="reply:C1:5")])
    told = [await amend(task, "reply:C1:5", text, story.clock()) for text in ("And", "And", None)]
    assert told == [False, True, False]
