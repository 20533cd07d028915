"""What cards look like on a terminal, and that nothing in them can command it."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import DummyInput, PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output
from rich.console import Console, RenderableType

from tests.fake_api import FakeApi, serving
from threadwork.adapters.terminal.cards import render
from threadwork.adapters.terminal.lists import age, greeting, task_table
from threadwork.adapters.terminal.live import elapsed, live, spending
from threadwork.adapters.terminal.plain_cards import plain, plain_arguments, plain_plan
from threadwork.adapters.terminal.words import clean
from threadwork.adapters.wording.card_words import amount
from threadwork.bot.cli.up import EXAMPLES, Host
from threadwork.bot.client.api import ApiClient
from threadwork.bot.terminal.screen import Screen
from threadwork.bot.terminal.session import TerminalSession
from threadwork.workflows.approval_events import HumanApprovalSuperseded
from threadwork.workflows.cards import (
    AnswerCard,
    ApprovalCard,
    BudgetCard,
    Card,
    NoticeCard,
    QuestionCard,
    StatusCard,
    ThreadView,
)
from threadwork.workflows.errors import NotFound
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import LOCAL, Principal, Status, Termination

NOW = datetime(2026, 3, 1, 9, 0, 42, tzinfo=UTC)
ANNA = Principal(platform="slack", workspace="T1", user_id="U1", name="Anna")
APPROVAL = ApprovalCard(
    key="approval:1",
    approval_id="1",
    tool="notes.write_note",
    arguments='{"name": "plan.md", "text": "# Plan\\nname = other.md"}',
    arguments_ref="a1",
    digest="d",
    effect="destructive",
    why="You asked for a note.",
    expires_at=datetime(2099, 1, 1, 12, 0, tzinfo=UTC),
)
QUESTION = QuestionCard(key="question:1", question_id="1", question="Which colour?", options=("Red", "Green"))
VIEW = ThreadView(
    task_id="t1",
    seq=9,
    status=StatusCard(
        goal="Write a note",
        agent="default",
        model="demo/scripted",
        status=Status.RUNNING,
        iteration=3,
        max_iterations=50,
        usd=0.05,
        usd_limit=0.1,
        started_at=NOW - timedelta(seconds=42),
        doing="Running notes.read_note",
        plan=(
            PlanItem(text="Look at the notes", state="done"),
            PlanItem(text="Write one", state="doing"),
            PlanItem(text="Say what was done"),
        ),
    ),
)


def drawn(thing: RenderableType, width: int = 72, colour: bool = False) -> str:
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=colour, color_system="standard" if colour else None)
    console.print(thing, markup=False, highlight=False)
    return "\n".join(line.rstrip() for line in screen.getvalue().splitlines())


# --- cards -------------------------------------------------------------------------------------------


def test_a_pending_approval_shows_tool_effect_reason_and_arguments_as_they_will_run() -> None:
    card = APPROVAL.model_copy(update={"why": "You asked for a note, and this is where the others are."})
    text = drawn(render(card, {}), 60)
    assert re.sub(r"expires .*? {2,}", "expires THEN  ", text) == (
        "╭─ Approval 1 ─────────────────────────────────────────────╮\n"
        "│ What    Write note (notes)                               │\n"
        "│ Tool    notes.write_note                                 │\n"
        "│         It may not be possible to undo this.             │\n"
        "│ Why     You asked for a note, and this is where the      │\n"
        "│         others are.                                      │\n"
        "│ With                                                     │\n"
        "│   name: plan.md                                          │\n"
        "│   text:                                                  │\n"
        "│   │ # Plan                                               │\n"
        "│   │ name = other.md                                      │\n"
        "│ any member may decide · expires THEN  │\n"
        "╰──────────────────────────────────────────────────────────╯"
    )


def test_the_whole_arguments_stand_in_for_their_preview() -> None:
    assert "name: whole.md" in drawn(render(APPROVAL, {"a1": '{"name": "whole.md"}'}))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"state": "approved", "by": ANNA}, "✓ Write note (notes) allowed by Anna · plan.md"),
        (
            {"state": "approved", "by": ANNA, "scope": "task"},
            "✓ Write note (notes) allowed by Anna for this task · plan.md",
        ),
        (
            {"state": "approved", "by": ANNA, "edited": True},
            "✓ Write note (notes) allowed by Anna, with other arguments",
        ),
        (
            {"state": "denied", "by": LOCAL, "reason": "Not now"},
            "✗ Write note (notes) denied by you: Not now · plan.md",
        ),
        ({"state": "expired"}, "⊘ Write note (notes) not allowed: nobody decided in time · plan.md"),
        ({"state": "superseded", "reason": "A reply came."}, "⊘ Write note (notes) withdrawn: A reply came. · plan.md"),
    ],
)
def test_a_decided_approval_is_one_line(change: dict[str, object], line: str) -> None:
    assert drawn(render(APPROVAL.model_copy(update=change), {}), 100) == line.format("notes.write_note")


def test_a_question_numbers_its_options_and_then_shows_the_answer() -> None:
    assert drawn(render(QUESTION, {}), 30) == (
        "╭─ Question 1 ───────────────╮\n"
        "│ Which colour?              │\n"
        "│   1. Red                   │\n"
        "│   2. Green                 │\n"
        "╰────────────────────────────╯"
    )
    answered = QUESTION.model_copy(update={"state": "answered", "answer": "Red", "by": ANNA})
    assert drawn(render(answered, {})) == "→ Red (Anna)"


def test_an_answer_is_rendered_markdown_in_its_whole_length() -> None:
    card = AnswerCard(key="answer:1", answer="# Ti…", answer_ref="r")
    text = drawn(render(card, {"r": "# Title\n\n- **one**\n- [two](https://example.com/x)"}), 60)
    assert "Title" in text
    assert "#" not in text
    assert "• one" in text
    assert "two (https://example.com/x)" in text


def test_budgets_and_notices_are_sentences() -> None:
    card = BudgetCard(key="budget:usd:1", unit="usd", used=0.101, limit=0.1, state="exceeded")
    assert drawn(render(card, {}), 90) == "! $0.10 of $0.10 used."
    short = card.model_copy(update={"used": 0.0077, "limit": 0.02})
    said = "$0.0077 of $0.02 used; what is left is too little for another call."
    assert drawn(render(short, {}), 90) == f"! {said}"
    assert plain(short, {}) == f"Budget: {said}"
    close = card.model_copy(update={"used": 0.0977})
    assert plain(close, {}).startswith("Budget: $0.0977 of $0.10 used;")
    raised = card.model_copy(update={"state": "increased", "limit": 0.5, "by": ANNA})
    assert drawn(render(raised, {})) == "+ The budget is $0.50 now, raised by Anna."
    assert drawn(render(NoticeCard(key="notice:1", text="It failed.", level="error"), {})) == "✗ It failed."


# --- the live part -----------------------------------------------------------------------------------


def test_the_live_part_shows_state_spending_plan_and_what_is_being_written() -> None:
    text = drawn(live(VIEW, "First line\nsecond", NOW, 90, 20), 90)
    assert re.sub("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]", "~", text) == (
        "● working · step 3 of 50 · $0.05 of $0.10 (play money) · 0:42\n"
        "  ✓ Look at the notes\n"
        "  ▸ Write one\n"
        "  ○ Say what was done\n"
        "  ~ Running notes.read_note\n"
        "  │ First line\n"
        "  │ second"
    )


@pytest.mark.parametrize("height", range(2, 12))
@pytest.mark.parametrize("width", [24, 80])
def test_the_live_part_never_outgrows_its_room(height: int, width: int) -> None:
    plan = tuple(PlanItem(text=f"Step {n} " + "long " * 30) for n in range(30))
    view = VIEW.model_copy(update={"status": VIEW.status.model_copy(update={"plan": plan})})
    lines = drawn(live(view, "word " * 500, NOW, width, height), width).splitlines()
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)


def test_a_long_plan_is_shown_around_what_is_being_done() -> None:
    plan = tuple(PlanItem(text=f"Step {n}", state="done" if n < 20 else "todo") for n in range(30))
    view = VIEW.model_copy(update={"status": VIEW.status.model_copy(update={"plan": plan})})
    assert "○ Step 20" in drawn(live(view, "", NOW, 80, 8))


def test_a_lower_bound_and_a_tighter_limit_in_tokens_are_said() -> None:
    status = VIEW.status.model_copy(update={"unpriced": True})
    assert "at least $0.05" in drawn(live(VIEW.model_copy(update={"status": status}), "", NOW, 90, 9), 90)
    status = VIEW.status.model_copy(update={"tokens": 900, "tokens_limit": 1_000})
    assert "900 of 1,000 tokens" in drawn(live(VIEW.model_copy(update={"status": status}), "", NOW, 90, 9), 90)


def test_only_a_demo_counts_in_play_money() -> None:
    real = VIEW.status.model_copy(update={"model": "openai/gpt-5-mini"})
    assert "play money" in plain(VIEW.status, {})
    assert "play money" in drawn(render(VIEW.status, {}))
    for shown in (plain(real, {}), drawn(render(real, {})), spending(real).plain):
        assert "play money" not in shown


def test_only_a_verbose_agents_head_has_a_bar() -> None:
    assert "━" not in drawn(live(VIEW, "", NOW, 100, 9), 100)
    loud = VIEW.model_copy(update={"status": VIEW.status.model_copy(update={"verbosity": "verbose"})})
    assert "━" in drawn(live(loud, "", NOW, 100, 9), 100)


def test_live_text_is_broken_between_words_and_keeps_wide_characters_whole() -> None:
    text = drawn(live(VIEW, "seven brave words that no line can hold", NOW, 24, 20), 24)
    assert text.splitlines()[-3:] == ["  │ seven brave words", "  │ that no line can", "  │ hold"]
    wide = "".join(chr(0x4E00 + n) for n in range(25))
    lines = drawn(live(VIEW, wide, NOW, 24, 20), 24).splitlines()
    assert "".join(line.removeprefix("  │ ") for line in lines if "│" in line) == wide


def test_spans_and_amounts_read_naturally() -> None:
    assert [elapsed(timedelta(seconds=s)) for s in (0, 42, 725, 10_810, 97_200)] == [
        "0:00",
        "0:42",
        "12:05",
        "3:00:10",
        "1 d 3 h",
    ]
    assert [age(timedelta(seconds=s)) for s in (5, 720, 7_200, 200_000)] == ["5 s", "12 min", "2 h", "2 d"]
    assert [amount(0, "usd"), amount(0.0042, "usd"), amount(1.5, "usd")] == ["$0.00", "$0.0042", "$1.50"]


# --- lists and plain lines ---------------------------------------------------------------------------


def test_the_table_of_tasks_says_how_each_stands() -> None:
    task = TaskRecord(
        task_id="tq5x2mzkc7ha",
        goal="Write\na note",
        agent="default",
        by=LOCAL,
        status=Status.COMPLETED,
        reason=Termination.BUDGET_EXCEEDED,
        iteration=4,
        usd=0.1,
        created_at=NOW - timedelta(hours=3),
        updated_at=NOW,
    )
    row = drawn(task_table([task], NOW, 100), 100).splitlines()[-1]
    assert re.split(" {2,}", row) == ["tq5x2mzkc7ha", "budget exceeded", "default", "4", "$0.10", "3 h", "Write a note"]
    long = task.model_copy(update={"goal": "word " * 80})
    for width in (58, 80, 120):
        row = drawn(task_table([long], NOW, width), width).splitlines()[-1]
        assert row.startswith("tq5x2mzkc7ha   budget exceeded   ")
        assert re.search(r" \$0.10 +3 h   word .*…$", row)
        assert len(row) <= width


def test_the_greeting_lists_places_and_notes() -> None:
    text = drawn(greeting([("API", "http://127.0.0.1:8000/openapi.json", "")], ["A scripted demo, not an AI."]), 60)
    assert "Threadwork is up" in text
    assert re.search("API +http://127.0.0.1:8000/openapi.json", text)
    assert "A scripted demo, not an AI." in text


def test_a_warning_stands_at_the_end_of_the_greeting() -> None:
    text = drawn(greeting([("API", "http://127.0.0.1:8000", "")], ["A scripted demo, not an AI."], "No limits."), 60)
    assert re.search(r"not an AI\..*\n.*\n.*No limits\.", text)


def test_plain_lines_carry_everything_needed_to_decide() -> None:
    assert plain(QUESTION, {}) == "Question 1: Which colour?\n  1. Red\n  2. Green"
    said = plain(APPROVAL, {})
    assert said.startswith("Approval 1 is needed for notes.write_note, until ")
    assert "It may not be possible to undo this." in said
    assert "Why: You asked for a note." in said
    assert plain_plan(VIEW.status.plan) == "Plan: [x] Look at the notes  [>] Write one  [ ] Say what was done"


# --- words that would rather be commands -------------------------------------------------------------

EVIL = "a\x1b[2Jb\x1b]0;owned\x07c\x1b]8;;http://evil\x1b\\d\x07e\x9b31mf\u202eg\r\x08h [red]i[/red] :smile:"


def test_arguments_on_one_line_command_nothing_either() -> None:
    assert plain_arguments('{"name": "a.md", "n": 2}') == 'name="a.md" n=2'
    assert plain_arguments('{"name": "' + "x" * 500).endswith("…")
    assert "\x1b" not in plain_arguments("\x1b[2J")
    assert "\n" not in plain_arguments('{"text": "a\\nb"}')


def test_terminal_sequences_are_taken_out_and_text_stays() -> None:
    assert clean(EVIL) == "abcde31mfgh [red]i[/red] :smile:"
    assert clean("two\r\nlines\tand a tab") == "two\nlines\tand a tab"


def evil_cards() -> list[Card]:
    someone = Principal(platform="slack", user_id="U", name=EVIL)
    return [
        StatusCard(goal=EVIL, agent=EVIL, model=EVIL, status=Status.PAUSED, reason=EVIL, doing=EVIL),
        APPROVAL.model_copy(update={"tool": EVIL, "arguments": EVIL, "why": EVIL, "approvers": (EVIL,)}),
        APPROVAL.model_copy(update={"arguments": '{"k\\u001b[2J": "\\u001b[2J\\n\\u001b]0;x\\u0007"}'}),
        APPROVAL.model_copy(update={"tool": EVIL, "state": "denied", "by": someone, "reason": EVIL}),
        QUESTION.model_copy(update={"question": EVIL, "options": (EVIL,)}),
        QUESTION.model_copy(update={"state": "answered", "answer": EVIL, "by": someone}),
        BudgetCard(key="budget:usd:1", unit="usd", used=1, limit=1, state="increased", by=someone),
        AnswerCard(key="answer:1", answer=EVIL),
        NoticeCard(key="notice:1", text=EVIL),
    ]


@pytest.mark.parametrize("card", evil_cards(), ids=lambda card: card.kind)
def test_no_card_can_command_the_terminal(card: Card) -> None:
    for text in (drawn(render(card, {}), colour=True), plain(card, {})):
        left = re.sub(r"\x1b\[[0-9;]*m", "", text)  # colours are ours
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", left)
        assert "😄" not in left


def test_the_live_part_cannot_command_the_terminal_either() -> None:
    plan = (PlanItem(text=EVIL),)
    status = VIEW.status.model_copy(update={"doing": EVIL, "plan": plan, "reason": EVIL})
    text = drawn(live(VIEW.model_copy(update={"status": status}), EVIL * 3, NOW, 80, 20), colour=True)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", re.sub(r"\x1b\[[0-9;]*m", "", text))


# --- a session with a person -------------------------------------------------------------------------


class Person:
    """Sees what is on the screen, and types."""

    def __init__(self, keys: PipeInput, seen: io.StringIO) -> None:
        self._keys = keys
        self._seen = seen
        self._read = 0

    async def sees(self, *words: str) -> None:
        """Waits until the words have appeared, in this order, after what was seen before."""
        for word in words:
            async with asyncio.timeout(10):
                while (at := self.text.find(word, self._read)) < 0:
                    await asyncio.sleep(0.02)
            self._read = at + len(word)

    def types(self, text: str, enter: bool = True) -> None:
        self._keys.send_text(text + ("\r" if enter else ""))

    @property
    def text(self) -> str:
        """Without colours; what is drawn over is there twice."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self._seen.getvalue())


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with serving(FakeApi()) as api:
        yield api


@asynccontextmanager
async def talking(api: FakeApi, yes: bool = False) -> AsyncIterator[tuple[Person, "asyncio.Task[int]", str]]:
    seen = io.StringIO()
    with create_pipe_input() as keys:
        async with ApiClient(api.url) as client:
            task_id = await client.start("Write it")
            session = TerminalSession(client, task_id, screen_on(seen, keys), "Come again.", yes)
            running = asyncio.create_task(session.run())
            try:
                yield Person(keys, seen), running, task_id
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def test_a_conversation_from_question_to_second_answer(api: FakeApi) -> None:
    async with talking(api) as (person, running, _):
        await person.sees("Question 1", "2. Formal", "✓ Look", "Your answer (1-2, or your own words)")
        person.types("2")
        await person.sees("→ Formal", "Approval 1", "not be possible to undo", "[a]llow")
        person.types("d")
        await person.sees("Why not?")
        person.types("Not now")
        await person.sees("denied by you: Not now", "Approval 2:")
        person.types("a")
        await person.sees("allowed by you", "LAST LINE", "Enter to leave")
        person.types("Once more")
        await person.sees("› Once more", "Second answer.", "Enter to leave")
        person.types("")
        assert await running == 0
    assert [(path, body) for path, body, _ in api.posts[1:]] == [
        ("questions/1", {"answer": "Formal"}),
        ("approvals/1", {"decision": "deny", "reason": "Not now", "digest": "digest1"}),
        ("approvals/2", {"decision": "approve", "scope": "once", "digest": "digest2"}),
        ("replies", {"text": "Once more"}),
    ]


async def test_edited_arguments_are_what_is_approved(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    async with talking(api) as (person, _, _task):
        await person.sees("Your answer")
        person.types("1")
        await person.sees("[e]dit")
        person.types("e")
        await person.sees("Allow with", '{"name": "a.md"}')
        person.types("x")
        await person.sees("That is not JSON", "Approval 1:")
        person.types("e")
        await person.sees("Allow with")
        person.types("\x03", enter=False)
        await person.sees("Approval 1:")
        person.types("e")
        await person.sees("Allow with")
        person.types("\x01\x0b", enter=False)  # to the beginning, and delete to the end
        person.types('{"name": "b.md"}')
        await person.sees("allowed by you")
    assert api.posts[-1][1] == {"decision": "approve", "arguments": {"name": "b.md"}, "digest": "digest1"}


async def test_an_editor_is_used_where_one_is_set(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "sed -i s/a.md/c.md/")
    async with talking(api) as (person, _, _task):
        await person.sees("Your answer")
        person.types("1")
        await person.sees("[e]dit")
        person.types("e")
        await person.sees("allowed by you")
    assert api.posts[-1][1] == {"decision": "approve", "arguments": {"name": "c.md"}, "digest": "digest1"}


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        ("nosuch-editor", "The editor nosuch-editor cannot be started."),
        ("false", "The editor false ended with code 1, so nothing was decided."),
        ("'unbalanced", "The editor 'unbalanced cannot be started."),
    ],
)
async def test_an_editor_that_fails_is_told_and_the_terminal_goes_on_listening(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, editor: str, said: str
) -> None:
    monkeypatch.setenv("VISUAL", editor)
    async with talking(api) as (person, _, _task):
        await person.sees("Your answer")
        person.types("1")
        await person.sees("[e]dit")
        person.types("e")
        await person.sees(said, "Approval 1:")
        person.types("a")
        await person.sees("allowed by you")
    assert api.posts[-1][1] == {"decision": "approve", "scope": "once", "digest": "digest1"}


async def test_a_mistake_of_ours_ends_the_session_with_its_own_error(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(ApiClient, "pause", broken)
    async with talking(api) as (person, running, _):
        await person.sees("Your answer")
        person.types("/pause")
        with pytest.raises(KeyError, match="ours"):
            await asyncio.wait_for(running, 5)


async def test_a_letter_typed_for_a_withdrawn_approval_does_not_decide_the_next(api: FakeApi) -> None:
    async with talking(api) as (person, _, task_id):
        await person.sees("Your answer")
        person.types("1")
        await person.sees("Approval 1:")
        person.types("approve", enter=False)
        await person.sees("approve")
        api.tasks[task_id].emit(HumanApprovalSuperseded(approval_id="1", reason="A reply came."))
        api.tasks[task_id].ask(2)
        await person.sees("withdrawn", "Approval 2:")
        person.types("")
        await person.sees("“approve” was not sent", "Approval 2:")
        assert [path for path, _, _ in api.posts[1:]] == ["questions/1"]
        person.types("a")
        await person.sees("allowed by you")
    assert api.posts[-1][0] == "approvals/2"


async def test_pause_resume_help_and_nonsense_are_answered(api: FakeApi) -> None:
    async with talking(api) as (person, _, _task):
        await person.sees("Your answer")
        person.types("/pause lunch")
        await person.sees("paused by you")
        person.types("/resume")
        await person.sees("resumed by you")
        person.types("/resume")
        await person.sees("It is not paused. Look at the thread.")
        person.types("/nonsense")
        await person.sees("There is no command /nonsense.")
        person.types("/help")
        await person.sees("/pause [why]")
    assert api.posts[1][1] == {"reason": "lunch"}


async def test_ctrl_c_asks_and_s_stops_the_task(api: FakeApi) -> None:
    async with talking(api) as (person, running, _):
        await person.sees("Your answer")
        person.types("\x03", enter=False)
        await person.sees("[s]top the task, [d]etach, or [c]ontinue")
        person.types("c")
        await person.sees("Your answer")
        person.types("\x03", enter=False)
        await person.sees("[s]top the task")
        person.types("s")
        await person.sees("Stopped by you.")
        assert await running == 130
    assert api.posts[-1][0] == "stop"


async def test_detaching_leaves_the_task_alone_and_says_how_to_come_back(api: FakeApi) -> None:
    async with talking(api) as (person, running, task_id):
        await person.sees(task_id, "Your answer")
        person.types("\x03", enter=False)
        await person.sees("[d]etach")
        person.types("d")
        assert await running == 130
        assert "Come again." in person.text
    assert len(api.posts) == 1


async def test_yes_decides_everything_and_says_so(api: FakeApi) -> None:
    async with talking(api, yes=True) as (person, _, _task):
        await person.sees("--yes answers: Short", "--yes allows notes.write_note.", "Enter to leave")
    assert [post[0] for post in api.posts[1:]] == ["questions/1", "approvals/1"]


async def test_a_server_that_goes_away_is_told_and_so_is_its_return() -> None:
    api = FakeApi()
    with serving(api):
        port = int(api.url.rpartition(":")[2])
        async with talking(api) as (person, running, task_id):
            await person.sees("Your answer")
            api.server.should_exit = api.server.force_exit = True
            await person.sees("no longer answers", "trying again")
            with serving(api, port):
                await person.sees("The connection is back.")
                api.tasks[task_id].finish()
                await person.sees("LAST LINE", "Enter to leave")
                person.types("")
                assert await running == 0


async def test_what_is_typed_while_something_comes_in_is_not_lost(api: FakeApi) -> None:
    async with talking(api) as (person, _, task_id):
        await person.sees("Your answer")
        person.types("half a th", enter=False)
        await person.sees("half a th")
        api.tasks[task_id].ask(7)
        await person.sees("Approval 7", "half a th")
        person.types("ought")
        await person.sees("→ half a thought")
    assert api.posts[-1][1] == {"answer": "half a thought"}


async def test_a_task_that_is_not_there_is_told_before_anything_is_drawn(api: FakeApi) -> None:
    seen = io.StringIO()
    async with ApiClient(api.url) as client:
        with pytest.raises(NotFound, match="There is no task zzz"):
            await TerminalSession(client, "zzz", screen_on(seen)).run()
    assert "Task" not in seen.getvalue()


async def test_the_host_starts_goals_lists_tasks_and_goes_into_them(api: FakeApi) -> None:
    seen = io.StringIO()
    with create_pipe_input() as keys:
        async with ApiClient(api.url) as client:
            earlier = await client.start("From last time")
            running = asyncio.create_task(Host(client, screen_on(seen, keys)).run("Welcome!"))
            person = Person(keys, seen)
            await person.sees("Welcome!", "1 task goes on:", earlier, "For example:", "What should the agent do?")
            person.types("1")
            await person.sees(EXAMPLES[0], "Your answer")
            person.types("/quit")
            await person.sees("goes on. /watch t", "What should the agent do?")
            person.types("Something of my own")
            await person.sees("Something of my own", "Your answer")
            person.types("/quit")
            await person.sees("What should the agent do?")
            person.types("/tasks")
            await person.sees("waits for your answer", "What should the agent do?")
            person.types(f"/watch {earlier}")
            await person.sees("From last time", "Your answer")
            person.types("/quit")
            await person.sees("What should the agent do?")
            person.types("/watch nothing")
            await person.sees("There is no task nothing.", "What should the agent do?")
            person.types("\x03", enter=False)
            await asyncio.wait_for(running, 5)
            assert f"Task {earlier} is not done yet; it goes on at the next start." in person.text
    assert [post[1]["goal"] for post in api.posts] == ["From last time", EXAMPLES[0], "Something of my own"]


def screen_on(seen: io.StringIO, keys: PipeInput | None = None) -> Screen:
    return Screen(keys or DummyInput(), Vt100_Output(seen, lambda: Size(rows=40, columns=100), enable_cpr=False))


@pytest.mark.parametrize(
    ("approvers", "said"),
    [
        (("*",), "any member may decide"),
        (("*", "guests"), "any member or guest may decide"),
        (("guests", "*", "external", "U3"), "any member, guest or external person may decide"),
        (("ann", "guests"), "ann and guests may decide"),
        (("slack:T1:U2", "U0123BEN0", "group:ops", "role:123456"), "2 people, a role and the group ops may decide"),
    ],
)
def test_a_pending_approval_says_who_may_decide(approvers: tuple[str, ...], said: str) -> None:
    assert said in drawn(render(APPROVAL.model_copy(update={"approvers": approvers}), {}), 100)
