"""The cards that golden files show, and cards nobody would want."""

from datetime import UTC, datetime, timedelta

from threadwork.workflows.cards import (
    AnswerCard,
    ApprovalCard,
    BudgetCard,
    Card,
    Context,
    End,
    FileCard,
    LineSince,
    NoticeCard,
    NotificationCard,
    QuestionCard,
    StatusCard,
)
from threadwork.workflows.files import StoredFile
from threadwork.workflows.grants import FOREVER, Grant
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal, Status

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANNA = Principal(platform="slack", workspace="T1", user_id="U0123ANNA", name="Anna")
BEN = Principal(platform="slack", workspace="T1", user_id="U0123BEN0", name="Ben")
PLAN = (
    PlanItem(text="Read last week's incidents", state="done"),
    PlanItem(text="Group them by cause", state="doing"),
    PlanItem(text="Write the summary"),
)
RUNNING = StatusCard(
    goal="Summarise last week's incidents and post what we should change",
    agent="default",
    model="openai/gpt-5-mini",
    by=ANNA,
    status=Status.RUNNING,
    iteration=3,
    max_iterations=50,
    usd=0.12,
    usd_limit=1.0,
    tokens=12_345,
    tokens_limit=200_000,
    started_at=NOW,
    plan=PLAN,
    doing="Running notes.read_note",
    log=("Step 2", "✓ notes.list_notes", "I will read the three longest ones first.", "Step 3"),
    tools_used=(("notes.list_notes", 1), ("notes.read_note", 4)),
)
VERBOSE = RUNNING.model_copy(update={"verbosity": "verbose"})
GRANT = Grant(
    task_id="t1",
    approval_id="1",
    agent="default",
    tool="notes.write_note",
    effect="changes",
    scope="person",
    about=ANNA.account,
    shown="Anna",
    by=(BEN,),
    given_at=NOW,
    until=NOW + timedelta(days=7),
)
APPROVAL = ApprovalCard(
    key="approval:1",
    approval_id="1",
    tool="notes.write_note",
    arguments='{"name": "incidents.md", "overwrite": true, "text": "# Incidents\\n\\n- 3 time-outs\\n- 1 disk full"}',
    arguments_ref="a1",
    digest="0123456789abcdef",
    effect="changes",
    why="You asked for a summary where the others are.",
    expires_at=NOW + timedelta(hours=24),
)
DECIDED = {"state": "approved", "by": ANNA, "decided_at": NOW + timedelta(minutes=4), "outcome": "ok"}
QUESTION = QuestionCard(
    key="question:1",
    question_id="1",
    question="Who is the summary for? It changes **how much** detail I put in.",
    options=("The team", "Management"),
)
LONG_OPTIONS = (
    "Only what went wrong, one line each, without any names or times in it",
    "Everything, with a timeline for each incident and what was tried before it was solved",
)
CODE = """Three time-outs came from one query.

```sql
SELECT * FROM incidents WHERE seconds > 30 AND name <> 'test';
```

**Next:** add an index, and ask <@U0123BEN0> to look. See [the plan](https://example.com/plan?a=1&b=2)."""


TABLES = """Three causes:

| Cause | Count | Where |
|:------|------:|-------|
| Time-outs | 3 | `incidents` query |
| Disk full | 1 | [the host](https://example.com/host) |

- [x] Index added
- [ ] Disk replaced

| Day | Incidents |
|---|---|
| Mon | 2 |

![The graph](https://example.com/graph.png)"""


def changed(card: Card, **changes: object) -> Card:
    return card.model_copy(update=changes)


def ended(status: Status, reason: str) -> Card:
    done = tuple(item.model_copy(update={"state": "done"}) for item in PLAN)
    return changed(
        RUNNING, status=status, reason=reason, doing="", plan=done, ended_at=NOW + timedelta(minutes=12, seconds=5)
    )


EXCEEDED = BudgetCard(key="budget:usd:1", unit="usd", used=0.98, limit=1, state="exceeded")
CONTEXT = Context(
    task_id="t1",
    goal="Summarise last week's incidents",
    agent="default",
    by=ANNA,
    thread=Sink(platform="slack", workspace="T1", channel="C0123456789", thread="1700000000.000100"),
)


def ended_as(status: Status, reason: str, text: str) -> End:
    return End.model_validate({"key": "end:9", "status": status, "reason": reason, "text": text})


def told(about: End | QuestionCard | BudgetCard, **changes: object) -> NotificationCard:
    """As a subscribed channel sees it."""
    return NotificationCard(key=about.key, about=about.model_copy(update=changes), context=CONTEXT)


GOLDEN: dict[str, Card] = {
    "status_queued": StatusCard(goal="Summarise last week's incidents", agent="default", by=ANNA),
    "status_running": changed(RUNNING, live="The first group is about time-outs: three of them came from one query"),
    "status_waiting": changed(RUNNING, status=Status.WAITING_APPROVAL, doing="", goal_above=True),
    "status_paused": changed(RUNNING, status=Status.PAUSED, reason="Lunch, back at two", doing=""),
    "status_done": ended(Status.COMPLETED, "goal_achieved"),
    "status_out_of_iterations": ended(Status.COMPLETED, "max_iterations_reached"),
    "status_failed": ended(Status.FAILED, "The model openai/gpt-5-mini refused the key."),
    "status_stopped": ended(Status.CANCELLED, ""),
    "status_long_plan": changed(
        RUNNING,
        plan=tuple(
            PlanItem(text=f"Step {number}", state="done" if number < 12 else "doing" if number == 12 else "todo")
            for number in range(1, 31)
        ),
    ),
    "status_below_the_goal": changed(RUNNING, goal_above=True),
    "status_verbose": VERBOSE,
    "status_fifty_tasks": changed(
        RUNNING, plan=tuple(PlanItem(text=f"Step {n}", state="done" if n < 20 else "todo") for n in range(1, 61))
    ),
    "status_play_money": changed(RUNNING, model="demo/scripted", usd=0.05, usd_limit=0.06, tokens_limit=None),
    "approval_pending": APPROVAL,
    "approval_since": changed(
        APPROVAL, title="Write a note", since=LineSince(by=BEN, text="Wait for me", message_id="17.2"), reminded_at=NOW
    ),
    "approval_destructive": changed(
        APPROVAL,
        tool="github.delete_branch",
        arguments='{"branch": "old"}',
        effect="destructive",
        why="",
        approvers=("U0123ANNA", "slack:T1:U0123BEN0", "group:release-managers"),
        quorum=2,
        approved_by=(ANNA,),
    ),
    "approval_long": changed(APPROVAL, arguments='{"text": "' + "All work and no play.\\n" * 500 + '"}'),
    "approval_private": changed(
        APPROVAL, private=True, arguments="", why="", always=True, expires_at=FOREVER, escalated_at=NOW
    ),
    "approval_always": changed(APPROVAL, **DECIDED, scope="always", grant=GRANT),
    "approval_approved": changed(APPROVAL, **DECIDED),
    "approval_failed": changed(APPROVAL, **{**DECIDED, "outcome": "error"}),
    "approval_edited": changed(APPROVAL, **DECIDED, edited=True, scope="task"),
    "approval_denied": changed(APPROVAL, **{**DECIDED, "outcome": ""}, reason="Not on a Friday", **{}).model_copy(
        update={"state": "denied"}
    ),
    "approval_expired": changed(APPROVAL, state="expired", decided_at=NOW + timedelta(hours=24)),
    "approval_superseded": changed(APPROVAL, state="superseded", decided_at=NOW, reason="A reply came first."),
    "budget_warning": BudgetCard(key="budget:usd:1", unit="usd", used=0.52, limit=1),
    "budget_exceeded": BudgetCard(key="budget:usd:1", unit="usd", used=0.98, limit=1, state="exceeded"),
    "budget_tokens": BudgetCard(key="budget:tokens:1", unit="tokens", used=180_000, limit=200_000),
    "budget_increased": BudgetCard(key="budget:usd:1", unit="usd", used=0.98, limit=1.5, state="increased", by=ANNA),
    "budget_closed": BudgetCard(key="budget:tokens:1", unit="tokens", used=200_000, limit=200_000, state="closed"),
    "question_open": QUESTION,
    "question_long_options": changed(QUESTION, options=LONG_OPTIONS),
    "question_answered": changed(QUESTION, state="answered", answer="The team", by=ANNA),
    "question_superseded": changed(QUESTION, state="superseded"),
    "answer_short": AnswerCard(key="answer:1", answer="Three of four incidents have one cause."),
    "answer_code": AnswerCard(key="answer:1", answer=CODE),
    "answer_tables": AnswerCard(key="answer:1", answer=TABLES, seconds=42, usd=0.12, model="openai/gpt-5-mini"),
    "answer_long": AnswerCard(key="answer:1", answer="## Incident\n\nIt was slow, and then it was not.\n\n" * 800),
    "notice": NoticeCard(key="notice:4", text="Stopped by Anna. Reply to continue."),
    "notice_warning": NoticeCard(key="notice:5", text="The server github did not come up.", level="warning"),
    "file": FileCard(
        key="file:7.0",
        tool="browser.screenshot",
        file=StoredFile(ref="file:output:1.9:0", name="page.png", media_type="image/png", size=4_000),
    ),
    "file_document": FileCard(
        key="file:7.1",
        tool="notes.export",
        file=StoredFile(ref="file:0a1b", name="report.csv", media_type="text/csv", size=3_400),
    ),
    "file_left_out": FileCard(
        key="file:7.2",
        tool="notes.export",
        file=StoredFile(ref="", name="all.zip", media_type="application/zip", size=31_000_000, why="larger than 10 MB"),
    ),
    "file_named": FileCard(
        key="file:7.3",
        tool="notes.export",
        file=StoredFile(ref="", name="report", media_type="text/html", size=0, link="https://example.com/r?id=<1>"),
    ),
    "notice_error": NoticeCard(key="notice:6", text="Failed: no key. Reply to try again.", level="error"),
    "approval_elsewhere": changed(APPROVAL, context=CONTEXT),
    "approval_elsewhere_approved": changed(APPROVAL, **DECIDED, context=CONTEXT),
    "notification_failed": told(ended_as(Status.FAILED, "failed", "The model openai/gpt-5-mini refused the key.")),
    "notification_went_on": told(
        ended_as(Status.FAILED, "failed", "The model openai/gpt-5-mini refused the key."), went_on=True
    ),
    "notification_done": told(ended_as(Status.COMPLETED, "goal_achieved", "Three of four incidents have one cause.")),
    "notification_out_of_time": told(ended_as(Status.COMPLETED, "timeout_exceeded", "")),
    "notification_stopped": told(ended_as(Status.CANCELLED, "cancelled", "Lunch"), by=ANNA),
    "notification_question": told(QUESTION),
    "notification_answered": told(QUESTION, state="answered", answer="The team", by=ANNA),
    "notification_superseded": told(QUESTION, state="superseded"),
    "notification_budget": told(EXCEEDED),
    "notification_budget_raised": told(EXCEEDED, state="increased", limit=1.5, by=ANNA),
    "notification_budget_closed": told(EXCEEDED, state="closed"),
}

# --- what nobody would want ------------------------------------------------------------------------------

MENTIONS = (
    "<!channel> <!here|x> <@U0123ANNA> <#C0123456> @everyone @here <https://evil.example|bank.example> &lt;!here&gt;"
)
EVIL = (
    "",
    " ",
    MENTIONS,
    "`" * 3 + "\n" + MENTIONS,
    "👩‍👩‍👧 " * 60,
    "x\u202ey\u200bz\x1b[2J\x00",
    "w" * 100_000,
    "<" * 20_000,
    "`" * 3 + "python\n" + "print(1 < 2)\n" * 4_000,
    "|a|b|\n|-|-|\n" * 200,
    "\n" * 5_000 + "*_~`>#",
)


def hostile(text: str) -> list[Card]:
    """Every kind of card, in every state, with this text wherever a text may stand."""
    someone = Principal(platform="slack", workspace="T1", user_id="U0123ANNA", name=text)
    status = changed(
        RUNNING,
        goal=text,
        agent=text,
        model=text,
        by=someone,
        reason=text,
        doing=text,
        live=text,
        log=(text,) * 5,
        plan=(PlanItem(text=text, state="doing"),) * 300,
        tools_used=((text, 3),) * 300,
    )
    approval = changed(
        APPROVAL,
        approval_id=text[:50],
        tool=text,
        arguments=text,
        why=text,
        approvers=(text,) * 100,
        quorum=3,
        approved_by=(someone,) * 50,
        by=someone,
        reason=text,
        outcome=text,
    )
    question = changed(QUESTION, question=text, options=(text,) * 100, answer=text, by=someone)
    elsewhere = Context(task_id="t1", goal=text, agent=text, by=someone)
    return [
        *(changed(status, status=state) for state in Status),
        changed(status, verbosity="verbose"),
        *(changed(approval, state=state) for state in ("pending", "approved", "denied", "expired", "superseded")),
        *(changed(approval, effect=effect) for effect in ("read_only", "destructive")),
        *(changed(question, state=state) for state in ("open", "answered", "superseded")),
        BudgetCard(key="budget:usd:1", unit="usd", used=1, limit=1, state="increased", by=someone),
        AnswerCard(key="answer:1", answer=text),
        NoticeCard(key="notice:1", text=text, level="error"),
        FileCard(
            key="file:1.0",
            tool=text,
            file=StoredFile(ref="", name=text[:200], media_type="a/b", size=1, why=text[:200], link=text[:1_000]),
        ),
        *(changed(approval, state=state, context=elsewhere) for state in ("pending", "approved")),
        *(NotificationCard(key="k", about=about, context=elsewhere) for about in _told(text, someone, question)),
    ]


def _told(text: str, someone: Principal, question: Card) -> list[End | QuestionCard | BudgetCard]:
    ends = (
        ended_as(Status.FAILED, "failed", text),
        ended_as(Status.COMPLETED, "goal_achieved", text),
        ended_as(Status.CANCELLED, "cancelled", text).model_copy(update={"by": someone}),
    )
    questions = [QuestionCard.model_validate(question.model_dump() | {"state": s}) for s in ("open", "answered")]
    budget = BudgetCard(key="budget:usd:1", unit="usd", used=1, limit=1, state="increased", by=someone)
    return [*ends, *questions, budget]
