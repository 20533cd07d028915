"""Manners of a thread: what a line in a task's thread does. Pure: the same on every platform.

People talk in threads, also with one another. The rules are asked in turn, and the first that knows says it."""

from collections.abc import Callable, Sequence
from typing import Literal

from threadwork.workflows.values import Value

FollowUps = Literal["all", "mentions", "off"]  # which lines the agent of a task is told of
Verdict = Literal[
    "control",  # a control word in full
    "aside",  # said to somebody else: nothing
    "decide",  # an approval is decided
    "choose_always",  # its author chooses for whose tasks, and until when: the line alone decides nothing
    "which_approval",  # several wait: they are listed
    "did_you_mean",  # a yes or no that may mean an approval: its author is shown the approval's buttons
    "unheard",  # the agent is not told of such lines here
    "answer",  # to the question that waits
    "is_it_the_answer",  # its author is asked
    "follow_up",
    "go_on_with_this",  # the task has ended, and the line may not be for it: its author is asked
]


class Line(Value):
    """What somebody said, as far as manners go."""

    text: str
    control: str = ""  # stop, pause, resume, status, quiet or listen, where the line is nothing else
    decision: Literal["", "approve", "deny", "always"] = ""  # where the line is nothing else
    number: str = ""  # of the approval it names
    task: str = ""  # the beginning of the id of the task it names
    reason: str = ""  # of a denial
    loosely: bool = False  # "yes" or "no" rather than "approve" or "deny"
    vaguely: bool = False  # a few words that begin with "approve" or "deny" and go on otherwise
    aside: bool = False  # it begins with `!aside`
    mentioned: bool = False  # it names the bot
    to_others: bool = False  # it begins by addressing somebody else, or answers another person's message
    to_us: bool = False  # it answers a message of the bot's
    right_after: bool = False  # nobody has said anything since the bot's card or answer that it may be about
    by_requester: bool = False


class Thread(Value):
    """The task whose thread it is said in."""

    ended: bool = False
    joined: bool = False  # people talked in the thread before the task came
    follow_ups: FollowUps = "all"
    approvals: int = 0  # that wait
    asks: bool = False  # a question waits
    options: tuple[str, ...] = ()  # of the question


def judge(line: Line, thread: Thread) -> Verdict:
    """What the line does."""
    return next(verdict for rule in RULES if (verdict := rule(line, thread)))


def chosen(text: str, options: Sequence[str]) -> str:
    """The option that a text is, whatever its case and its full stop; empty: none."""
    said = _plain(text)
    return next((option for option in options if _plain(option) == said), "")


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".!").strip().casefold()


# --- the rules, in their order ------------------------------------------------------------------------


def _control(line: Line, thread: Thread) -> Verdict | None:
    return "control" if line.control and not line.to_others else None


def _aside(line: Line, thread: Thread) -> Verdict | None:
    return "aside" if line.aside or line.to_others else None


def _decision(line: Line, thread: Thread) -> Verdict | None:
    if not line.decision or thread.ended or not (thread.approvals or line.number):
        return None
    if line.vaguely:
        return "did_you_mean" if thread.approvals else None
    if line.loosely and not (line.mentioned or line.to_us or line.right_after):
        return "did_you_mean"
    if not line.number and thread.approvals != 1:
        return "which_approval"
    return "choose_always" if line.decision == "always" else "decide"


def _mode(line: Line, thread: Thread) -> Verdict | None:
    deaf = thread.follow_ups == "off" or (thread.follow_ups == "mentions" and not line.mentioned)
    return "unheard" if deaf else None


def _answer(line: Line, thread: Thread) -> Verdict | None:
    if not thread.asks or thread.ended:
        return None
    if chosen(line.text, thread.options):
        return "answer"
    if not (line.by_requester or line.mentioned):
        return None
    return "is_it_the_answer" if thread.options else "answer"


def _follow_up(line: Line, thread: Thread) -> Verdict | None:
    still_talking = line.right_after and line.by_requester and not thread.joined
    if not thread.ended or line.mentioned or line.to_us or still_talking:
        return "follow_up"
    return "unheard" if thread.joined else "go_on_with_this"


RULES: Sequence[Callable[[Line, Thread], Verdict | None]] = (
    _control,
    _aside,
    _decision,
    _mode,
    _answer,
    _follow_up,
)
