"""Lines in threads: what is a control word or a decision in full, and what is a sentence."""

import pytest

from tests.receiver_harness import NoThread
from threadwork.bot.chat.lines import control_word, line_of
from threadwork.bot.chat.messages import unaddressed
from threadwork.workflows.inbound import Attachment, IncomingMessage, MessageSource
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal

ANN = Principal(platform="slack", workspace="T1", user_id="U1")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("stop", "stop"),
        ("Stop.", "stop"),
        ("CANCEL!", "stop"),
        (" stop \n", "stop"),
        ("<@U9> stop", "stop"),
        ("stop <@U9>", "stop"),
        ("<@U9>, stop!", "stop"),
        ("*stop*", "stop"),
        ("_stop_", "stop"),
        ("stop it", "stop"),
        ("Stop that", "stop"),
        ("stop the task", "stop"),
        ("please stop", "stop"),
        ("stop now please", "stop"),
        ("Stop 🛑", "stop"),
        ("stop :octagonal_sign:", "stop"),
        ("abort", "stop"),
        ("cancel this", "stop"),
        ("/agent stop", "stop"),
        ("pause", "pause"),
        ("Pause it", "pause"),
        ("resume the task", "resume"),
        ("status?", "status"),
        ("quiet", "quiet"),
        ("stop the noise please", ""),
        ("don't stop", ""),
        ("stopp", ""),
        ("", ""),
        ("cancel the order", ""),
        ("unstop", ""),
        ("stop it from paging me", ""),
        ("how do I stop it", ""),
        ("pause for lunch", ""),
        ("status of the release", ""),
    ],
)
def test_a_control_word_is_one_only_in_full(text: str, word: str) -> None:
    assert control_word(unaddressed(text)) == word


@pytest.mark.parametrize("text", ["quiet", "listen"])
def test_words_that_people_say_to_one_another_need_the_bots_mention(text: str) -> None:
    assert control_word(text, mentioned=False) == ""


@pytest.mark.parametrize(
    ("text", "decision", "number", "reason"),
    [
        ("approve", "approve", "", ""),
        ("Approve.", "approve", "", ""),
        ("approve 2", "approve", "2", ""),
        ("approve #2", "approve", "2", ""),
        ("deny", "deny", "", ""),
        ("deny: not on a Friday", "deny", "", "not on a Friday"),
        ("deny 2: not on a Friday", "deny", "2", "not on a Friday"),
        ("yes", "approve", "", ""),
        ("No.", "deny", "", ""),
        ("👍", "approve", "", ""),
        ("approve not yet, wait for Bob", "", "", ""),
        ("yes please use the other branch", "", "", ""),
        ("no idea", "", "", ""),
        ("deny it if the tests are red", "", "", ""),
    ],
)
def test_a_decision_is_one_only_in_full(text: str, decision: str, number: str, reason: str) -> None:
    line = line_of(_said(text))
    assert (line.decision, line.number, line.reason) == (decision, number, reason)


@pytest.mark.parametrize("text", ["approve help", "approve it", "approve?", "deny 1 too risky"])
def test_a_few_words_that_begin_like_a_decision_are_asked_about(text: str) -> None:
    assert line_of(_said(text)).vaguely


def test_a_word_that_comes_with_something_else_is_no_decision() -> None:
    said = IncomingMessage(**{**vars(_said("stop")), "files": (Attachment(name="a.txt"),)})
    assert line_of(said).control == ""


def _said(text: str) -> IncomingMessage:
    source = MessageSource(by=ANN, key="C1:1", sink=Sink(platform="slack", channel="C1", thread="0"))
    return IncomingMessage(source=source, text=text, message_id="1", thread=NoThread())
