"""What people type, as the bot understands it."""

import pytest

from tests.processor_time import loops
from threadwork.bot.chat import answers
from threadwork.bot.chat.amounts import amount, dollars, tokens
from threadwork.bot.chat.answers import help_text, unknown
from threadwork.bot.chat.commands import HANDLERS
from threadwork.bot.chat.commands.run import RunWords, parse_run
from threadwork.bot.chat.messages import CONTEXT, bare, unaddressed, with_context, with_edit, with_files
from threadwork.bot.chat.rights import Powers
from threadwork.bot.chat.words import nearest, parse, parse_task
from threadwork.bot.texts import count
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.errors import Rejected
from threadwork.workflows.event_types import Unit
from threadwork.workflows.inbound import Attachment, ThreadMessage
from threadwork.workflows.slash_commands import ROWS, SAME

AGENT = AgentSpec(name="default", model="demo/scripted")


# --- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "word", "rest"),
    [
        ("", "", ""),
        ("   ", "", ""),
        ("list", "list", ""),
        ("LIST Mine", "list", "Mine"),
        ("run  do it\nand that", "run", "do it\nand that"),
        ("run\nlook\ninto it", "run", "look\ninto it"),
        ("cancel t12", "stop", "t12"),
        ("Frobnicate now", "Frobnicate", "now"),
    ],
)
def test_the_first_word_is_the_command(typed: str, word: str, rest: str) -> None:
    words = parse(typed)
    assert (words.word, words.rest) == (word, rest)


def test_words_and_what_people_also_say_are_told_apart() -> None:
    assert set(HANDLERS) == set(ROWS)
    assert not set(SAME) & set(ROWS)


# --- run ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("tidy up", RunWords(goal="tidy up")),
        ("--agent ops tidy up", RunWords(goal="tidy up", agent="ops")),
        ("—agent ops tidy up", RunWords(goal="tidy up", agent="ops")),
        ("–agent=ops tidy up", RunWords(goal="tidy up", agent="ops")),
        ("--budget 2.50 --model openai/gpt-5 go", RunWords(goal="go", budget="2.50", model="openai/gpt-5")),
        ("--in #general --agent “my ops” go", RunWords(goal="go", channel="#general", agent="my ops")),
        ("--in <#C1|general> go", RunWords(goal="go", channel="<#C1|general>")),
        ("“tidy up”", RunWords(goal="tidy up")),
        ('"tidy" and "clean"', RunWords(goal='"tidy" and "clean"')),
        ("explain what --agent does", RunWords(goal="explain what --agent does")),
        ("-- --agent is what?", RunWords(goal="--agent is what?")),
        ("- first\n- second", RunWords(goal="- first\n- second")),
        ("--agent ops\nline one\n\n  line two", RunWords(goal="line one\n\n  line two", agent="ops")),
        ("--agent ops", RunWords(goal="", agent="ops")),
        ("", RunWords(goal="")),
    ],
)
def test_options_stand_before_the_goal(typed: str, expected: RunWords) -> None:
    assert parse_run(typed) == expected


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("--agnet ops go", r"no option `--agnet`.*`--agent`"),
        ("--agent", "needs a value"),
        ("--agent --budget 2 go", "`--agent` needs a value"),
        ('--agent "" go', "needs a value"),
    ],
)
def test_an_option_that_makes_no_sense_is_explained(typed: str, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        parse_run(typed)


# --- a task ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "task", "sure", "rest"),
    [
        ("", "", False, ""),
        ("t3abc", "t3abc", True, ""),
        ("`T3ABC` lunch break", "t3abc", True, "lunch break"),
        ("tabcdefghijk lunch", "tabcdefghijk", True, "lunch"),
        ("this is wrong", "this", False, "is wrong"),
        ("lunch break", "", False, "lunch break"),
        ("t18 x", "", False, "t18 x"),
    ],
)
def test_the_first_word_may_be_a_task(typed: str, task: str, sure: bool, rest: str) -> None:
    words = parse_task(typed)
    assert (words.task, words.sure, words.rest) == (task, sure, rest)


# --- what was meant ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"), [("lst", "list"), ("stauts", "status"), ("aprove", "approve"), ("xyz", None)]
)
def test_the_nearest_word_is_found(typed: str, meant: str | None) -> None:
    assert nearest(typed) == meant


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("stauts t123", "Did you mean `/agent status t123`?"),
        ("summarise the open incidents", "write `/agent run summarise the open incidents`"),
        ("xyz", "`/agent help` lists"),
        ("find `rm -rf` in scripts", "`/agent run find 'rm -rf' in scripts`"),
    ],
)
def test_what_is_no_command_gets_a_way_on(typed: str, suggested: str) -> None:
    answer = unknown(parse(typed))
    assert suggested in answer.text
    assert answer.tone == "warning"


def test_help_names_only_what_the_person_may_do() -> None:
    nothing = help_text(Powers(agents=(), control=False, decide=False)).text
    everything = help_text(Powers(agents=(AGENT,), control=True, decide=True)).text
    assert [word for word in ROWS if f"/agent {word}" in nothing] == [
        "home",
        "list",
        "status",
        "here",
        "link",
        "cost",
        "help",
    ], "a new row that anybody may use is added to this list"
    assert [word for word in ROWS if f"/agent {word}" not in everything] == []
    assert "Your agents: default." in everything
    assert "no agent that you may run" in nothing


# --- money ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"), [("2.50", 2.5), ("$2.50", 2.5), ("2,50", 2.5), (" 3 $ ", 3), ("usd 1", 1), (".5", 0.5)]
)
def test_dollars_are_read_as_people_write_them(typed: str, value: float) -> None:
    assert dollars(typed) == value


@pytest.mark.parametrize("typed", ["", "two", "-1", "1.000.000", "nan", "inf", "1e9", "2.50 EUR"])
def test_what_is_no_amount_of_dollars_is_refused(typed: str) -> None:
    with pytest.raises(Rejected, match="no amount"):
        dollars(typed)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("20000", 20_000),
        ("20,000", 20_000),
        ("20k", 20_000),
        ("1.5k tokens", 1_500),
        ("0.5m", 500_000),
        ("7 tokens", 7),
    ],
)
def test_tokens_are_read_as_people_write_them(typed: str, value: int) -> None:
    assert tokens(typed) == value


@pytest.mark.parametrize("typed", ["9" * 400, "9" * 400 + "m", "9" * 310 + ".5k"])
def test_more_tokens_than_a_number_can_hold_are_refused_like_any_other_excess(typed: str) -> None:
    with pytest.raises(Rejected, match="whole number from 0 to"):
        count(tokens(typed), "The number of added tokens")


@pytest.mark.parametrize("typed", ["", "many", "-5", "$5"])
def test_what_is_no_number_of_tokens_is_refused(typed: str) -> None:
    with pytest.raises(Rejected, match="not a number of tokens"):
        tokens(typed)


@pytest.mark.parametrize(
    ("typed", "unit", "added"),
    [("2", "usd", (2, 0)), ("2k", "tokens", (0, 2_000)), ("$2", "tokens", (2, 0)), ("2k tokens", "usd", (0, 2_000))],
)
def test_the_unit_that_is_written_counts(typed: str, unit: Unit, added: tuple[float, int]) -> None:
    assert amount(typed, unit) == added


# --- messages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<@U9> tidy up", "tidy up"),
        ("<@!99>, tidy up", "tidy up"),
        ("<@U9|bot>: tidy up", "tidy up"),
        ("tidy up <@U9>", "tidy up"),
        ("ask <@U2> to tidy up", "ask <@U2> to tidy up"),
        ("<@U9>", ""),
    ],
)
def test_a_mention_is_taken_off_where_it_only_calls_the_bot(text: str, left: str) -> None:
    assert unaddressed(text) == left


def test_a_long_gap_in_a_message_holds_nobody_up() -> None:
    said = "tidy" + " " * 40_000 + "up"
    assert unaddressed(f"<@U9> {said} <@U9>") == said
    assert loops(lambda: unaddressed(f"<@U9> {said} <@U9>")) < 50, "each other message would wait as long"


def test_what_is_compared_with_a_word_has_no_mention_and_no_full_stop() -> None:
    assert bare("@agent List!") == "list"


def test_files_go_along_with_their_names() -> None:
    files = [
        Attachment(name="a.md", text="Use\n```\nx\n```\n"),
        Attachment(name="b.pdf", link="https://files.example/b"),
        Attachment(name="c.bin"),
    ]
    assert with_files("Look.", files) == (
        "Look.\n\n"
        "Attached file a.md:\n````\nUse\n```\nx\n```\n````\n\n"
        "Attached file b.pdf: https://files.example/b\n\n"
        "Attached file c.bin (it cannot be read here)"
    )


@pytest.mark.parametrize("text", ["Look.", ""])
def test_an_edit_of_the_text_leaves_its_files(text: str) -> None:
    files = [Attachment(name="a.md", text="x")]
    assert with_edit(with_files(text, files), "Look here.") == with_files("Look here.", files)


def test_the_goal_comes_before_what_was_said_earlier() -> None:
    lines = [ThreadMessage(name="Ann", text="It is down."), ThreadMessage(name="Bob", text="Since when?\nAnd where?")]
    assert with_context("Find out why.", lines) == (
        "Find out why.\n\nEarlier in this thread:\n```\nAnn: It is down.\nBob: Since when?\n  And where?\n```"
    )
    assert with_context("Find out why.", []) == "Find out why."


def test_of_a_long_thread_the_newest_lines_are_kept() -> None:
    lines = [ThreadMessage(name="Ann", text=f"{number} " + "ä" * 500) for number in range(100)]
    text = with_context("Go.", lines)
    assert len(text.encode()) < CONTEXT + 200
    assert "Ann: 99 " in text
    assert "Ann: 50 " not in text
    assert text.index("Ann: 98 ") < text.index("Ann: 99 ")


def test_a_single_line_that_is_too_long_is_cut() -> None:
    text = with_context("Go.", [ThreadMessage(name="Ann", text="ä" * CONTEXT)])
    assert 1_000 < len(text.encode()) < CONTEXT + 200


# --- texts ---------------------------------------------------------------------------------------------


def test_the_answer_to_a_start_is_short_whatever_the_goal() -> None:
    text = answers.started("Tidy\nup " * 100, "t12345", "#ops").text
    assert text.startswith("Started in #ops: **Tidy up Tidy up")
    assert len(text) < 250
