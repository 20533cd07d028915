"""A model's Markdown where no markup is shown."""

import pytest

from threadwork.adapters.wording.notification_words import in_a_line, notification
from threadwork.adapters.wording.plain_words import plain
from threadwork.workflows.cards import Context, End, NotificationCard, QuestionCard
from threadwork.workflows.values import Status, Termination

WHOSE = Context(task_id="t1", goal="Tidy up", agent="default")


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("**Three** of four, ~~five~~", "Three of four, five"),
        ("**run `make` first**, then `2**3**4`", "run make first, then 2**3**4"),
        ("## Causes\n- one\n* two", "Causes\n- one\n* two"),
        ("See [the log](https://ci.example.com/7).", "See the log (https://ci.example.com/7)."),
        ("```sh\nls -l\n```\nDone.", "ls -l\nDone."),
        ("src/**/*.py and tests/**/*.py, 2 ** 3 ** 4, f(**a, **b)",) * 2,
        ("It ends **in the mid…",) * 2,
    ],
)
def test_marks_go_and_words_stay(markdown: str, words: str) -> None:
    assert plain(markdown) == words


def test_a_notification_shows_no_marks_of_a_models_but_a_persons_words_as_they_were_typed() -> None:
    done = End(key="end:1", status=Status.COMPLETED, reason=Termination.GOAL_ACHIEVED, text="**All** tidy.")
    stopped = End(key="end:1", status=Status.CANCELLED, reason=Termination.CANCELLED, text="**All** wrong.")
    asked = QuestionCard(key="question:1", question_id="1", question="Which `one`?")
    cards = [NotificationCard(key="k", about=about, context=WHOSE) for about in (done, stopped, asked)]
    assert [notification(card).text for card in cards] == ["All tidy.", "**All** wrong.", "Which one?"]
    assert "All tidy." in in_a_line(cards[0])
