"""What people say to a run: the messages of its signals.

History keeps all of these, so texts in them are previews and references, never wholes.
"""

from typing import Literal

from threadwork.workflows.grants import GrantWish, Scope
from threadwork.workflows.values import Principal, Value


class Control(Value):
    """Pause or resume, as the three arguments of those signals."""

    reason: str = ""
    by: Principal | None = None
    click_id: str | None = None


class StopRequest(Value):
    """Signal: somebody stops the run. `click_id`: a repeat of it has no effect."""

    click_id: str
    by: Principal | None = None
    reason: str = ""
    up_to: str | None = None  # newest follow-up the person had seen; a newer one is not stopped. None: all


class ApprovalDecision(Value):
    """Signal: somebody decides on an approval. `click_id`: a repeat of it has no effect."""

    click_id: str
    approval_id: str
    decision: Literal["approve", "deny"]
    scope: Scope = "once"
    by: Principal
    reason: str = ""
    digest: str = ""  # of the arguments that are to run; empty: as requested
    seen: str = ""  # of the arguments the person was shown, where they edited them; empty: not known
    edited_ref: str | None = None  # arguments as the person rewrote them
    # By which it counts: 2 tells people apart as humans, and grants only what all of a quorum granted; from 3 on a line
    # in the thread of the task that delegated holds it back, too.
    rules: int = 1
    up_to: str | None = (
        None  # newest follow-up the person had seen; one of others that is newer holds it back. None: all
    )
    grant: GrantWish | None = None  # with the scope `always`: what it gives


class FollowUp(Value):
    """Signal: somebody wrote in the thread. The whole text is stored under `ref`."""

    message_id: str  # the platform's own id: a redelivered one has no effect
    by: Principal
    preview: str
    ref: str
    rules: int = 1  # by which it counts: under 2 it withdraws nothing, and waits until an answer that is ready is told
    addressed: bool = False  # it mentions the bot, or nobody else can read it
    confirmed: bool = False  # its author said once more what it is for: an answer, or to go on with the task


class QuestionAnswer(Value):
    """Signal: somebody answers a question. `click_id`: a repeat of it has no effect."""

    click_id: str
    question_id: str
    by: Principal
    answer: str  # at most 2 KB
    ref: str | None = None  # the whole text where it is longer


class BudgetIncrease(Value):
    """Signal: somebody raises the budget by so many dollars, tokens or iterations."""

    click_id: str
    by: Principal
    add_usd: float = 0
    add_tokens: int = 0
    add_iterations: int = 0


Said = Control | StopRequest | ApprovalDecision | FollowUp | QuestionAnswer | BudgetIncrease
SIGNALS: dict[str, type[Said]] = {
    "pause_execution": Control,
    "resume_execution": Control,
    "stop_execution": StopRequest,
    "decide_approval": ApprovalDecision,
    "add_follow_up": FollowUp,
    "answer_question": QuestionAnswer,
    "increase_budget": BudgetIncrease,
    "raise_grant": BudgetIncrease,
}
