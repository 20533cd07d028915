"""How commands are made and taken up."""

from typing import Any, get_args

import pytest

from tests.fake_run import AGENT, ANN, Front, caller
from threadwork.bot.access import Forbidden
from threadwork.bot.intake import commands
from threadwork.bot.intake.dispatch import DISPATCH, dispatch
from threadwork.workflows import tasks
from threadwork.workflows.agents import Access
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.signal_handlers import HANDLERS as SIGNALS
from threadwork.workflows.values import EVENT_PREVIEW, PREVIEW, digest

KINDS = [kind.model_fields["kind"].default for kind in get_args(get_args(tasks.Action)[0])]


class Recorder:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def start(self, *call: Any) -> None:
        self.calls.append(("start", *call))

    async def wake(self, *call: Any) -> None:
        self.calls.append(("wake", *call))

    async def signal(self, *call: Any) -> None:
        self.calls.append(("signal", *call))


def test_every_kind_of_command_has_a_handler() -> None:
    assert {kind.model_fields["kind"].default for kind in DISPATCH} == set(KINDS)


async def test_every_click_becomes_a_signal_that_the_workflow_knows() -> None:
    who = caller("k1", ANN)
    clicks = [
        commands.pause(who, "t1", "lunch"),
        commands.resume(who, "t1"),
        commands.stop(who, "t1", up_to="m7"),
        commands.decide(who, "t1", "3", "deny", reason="no"),
        commands.answer(who, "t1", "1", "staging"),
        commands.add_budget(who, "t1", usd=1),
    ]
    for command in clicks:
        recorder = Recorder()
        await dispatch(recorder, "t1", command.action)
        [(how, task_id, signal, *_)] = recorder.calls
        assert (how, task_id) == ("signal", "t1")
        assert signal in SIGNALS


async def test_a_pause_carries_its_author_and_click() -> None:
    recorder = Recorder()
    await dispatch(recorder, "t1", commands.pause(caller("k1", ANN), "t1", "lunch").action)
    assert recorder.calls == [("signal", "t1", "pause_execution", "lunch", ANN, "k1")]


async def test_a_reply_wakes_the_task_with_a_reference_to_its_text() -> None:
    command = commands.reply(caller("m1"), "t1", "x" * 5_000)
    recorder = Recorder()
    await dispatch(recorder, "t1", command.action)
    [(_, _, message)] = recorder.calls
    assert (message.message_id, message.ref, len(message.preview)) == ("m1", "reply:m1", EVENT_PREVIEW)
    assert isinstance(command.action, tasks.Reply)
    assert command.action.text == "x" * 5_000


async def test_a_run_keeps_the_order_as_it_was_given() -> None:
    command = await commands.run(Front().ports, caller(by=ANN), " Do it. ", budget_usd=0.5, model="openai/gpt-5-mini")
    assert isinstance(command.action, tasks.RunOrder)
    assert (command.platform, command.by) == ("slack", ANN)
    order = command.action.order
    assert (order.goal, order.budget_usd, order.model, order.by) == ("Do it.", 0.5, "openai/gpt-5-mini", ANN)


@pytest.mark.parametrize(
    ("order", "what"),
    [
        ({"goal": "  "}, "The goal is empty"),
        ({"goal": "x", "budget_usd": -1}, "The budget must be"),
        ({"goal": "x", "budget_usd": float("nan")}, "The budget must be"),
        ({"goal": "x", "model": " "}, "The model is empty"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(order: dict[str, Any], what: str) -> None:
    with pytest.raises(Rejected, match=what):
        await commands.run(Front().ports, caller(), **order)


async def test_an_unknown_agent_is_refused_naming_those_there_are() -> None:
    with pytest.raises(NotFound, match="default"):
        await commands.run(Front().ports, caller(), "Do it.", agent="defualt")


async def test_a_person_without_access_cannot_start_a_task() -> None:
    front = Front(None, AGENT.model_copy(update={"access": Access(run=("U9",))}))
    with pytest.raises(Forbidden):
        await commands.run(front.ports, caller(by=ANN), "Do it.")


def test_a_plain_approval_carries_the_digest_of_what_was_seen() -> None:
    command = commands.decide(caller("k1"), "t1", "3", "approve", scope="task", seen="abc")
    assert isinstance(command.action, tasks.Decide)
    assert command.action.edited is None
    click = command.action.click
    assert (click.digest, click.edited_ref, click.scope) == ("abc", None, "task")


def test_an_approval_with_other_arguments_carries_their_digest_and_a_reference_to_them() -> None:
    arguments = {"path": "notizen/ä.txt", "text": "b"}
    command = commands.decide(caller("k1"), "t1", "3", "approve", seen="old", arguments=arguments)
    assert isinstance(command.action, tasks.Decide)
    assert command.action.edited == '{"path": "notizen/ä.txt", "text": "b"}'
    assert (command.action.click.digest, command.action.click.edited_ref) == (digest(arguments), "edited:k1")


def test_an_empty_object_is_arguments_too() -> None:
    command = commands.decide(caller("k1"), "t1", "3", "approve", arguments={})
    assert isinstance(command.action, tasks.Decide)
    assert (command.action.edited, command.action.click.digest) == ("{}", digest({}))


def test_a_denial_takes_no_arguments() -> None:
    with pytest.raises(Rejected, match="not with a denial"):
        commands.decide(caller(), "t1", "3", "deny", arguments={})


@pytest.mark.parametrize(("length", "ref"), [(PREVIEW, None), (PREVIEW + 1, "answer:k1")])
def test_only_a_long_answer_goes_by_reference(length: int, ref: str | None) -> None:
    command = commands.answer(caller("k1"), "t1", "1", "x" * length)
    assert isinstance(command.action, tasks.Answer)
    assert command.action.click.ref == ref
    assert len(command.action.click.answer) == PREVIEW
    assert command.action.text == ("x" * length if ref else None)


def test_a_long_reason_is_cut_so_that_history_stays_small() -> None:
    command = commands.pause(caller(), "t1", "x" * 10_000)
    assert isinstance(command.action, tasks.Pause)
    assert len(command.action.click.reason) == PREVIEW


def test_an_increase_of_nothing_is_refused() -> None:
    with pytest.raises(Rejected, match="add something"):
        commands.add_budget(caller(), "t1")


@pytest.mark.parametrize("amount", [{"usd": -1}, {"tokens": -1}, {"iterations": -1}])
def test_an_increase_takes_nothing_away(amount: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        commands.add_budget(caller(), "t1", **amount)


async def test_a_command_is_written_down_once_however_often_it_comes() -> None:
    front = Front()
    command = await commands.run(front.ports, caller("k1"), "Do it.")
    first, second = [await commands.write_down(front.ports, command) for _ in range(2)]
    assert (first.first, second.first) == (True, False)
    assert first.task_id == second.task_id


async def test_a_key_used_for_something_else_is_refused() -> None:
    front = Front()
    await commands.write_down(front.ports, await commands.run(front.ports, caller("k1"), "Do it."))
    with pytest.raises(Rejected, match="something else"):
        await commands.write_down(front.ports, await commands.run(front.ports, caller("k1"), "Do that."))


async def test_a_redelivery_under_a_new_display_name_is_the_same_command() -> None:
    front = Front()
    for name in ("Ann", "Ann (on call)"):
        by = ANN.model_copy(update={"name": name})
        await commands.write_down(front.ports, await commands.run(front.ports, caller("k1", by), "Do it."))
    assert len(await front.store.intake.lease("test", 10, 1)) == 1


async def test_a_click_on_a_task_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFound):
        await commands.write_down(Front().ports, commands.pause(caller(), "t-none"))
