"""A task where nobody sits at a terminal: plain lines, or one event of JSON per line."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from threadwork.adapters.terminal.plain_cards import plain, plain_plan
from threadwork.adapters.terminal.words import clean
from threadwork.bot.client.api import ApiClient
from threadwork.bot.terminal.task import CUT, FAILED, WAITS, Change, FollowedTask, without_echo
from threadwork.bot.terminal.yes import Yes
from threadwork.workflows.cards import AnswerCard, ApprovalCard, BudgetCard, Card, QuestionCard
from threadwork.workflows.event_types import EventType

Say = Callable[[str], None]


class PlainSession:
    """`run` follows the task to its end. `say` takes a line for people, `tell` one for the program that reads us.

    With `as_json` every event since the first goes to `tell` as JSON, and nothing else. With `yes` it decides,
    else it says how to; without `decides` it keeps silent about that. Without `waits` it leaves with `WAITS` as soon
    as only people can move the task."""

    def __init__(
        self,
        client: ApiClient,
        task_id: str,
        say: Say,
        tell: Say,
        yes: bool = False,
        as_json: bool = False,
        decides: bool = True,
        waits: bool = True,
    ) -> None:
        self._task = FollowedTask(client, task_id, say, from_start=as_json)
        self._say = say
        self._tell = tell
        self._as_json = as_json
        self._decides = decides
        self._waits = waits
        self._told_of_waiting = False
        self._unsaid = ""  # the model's words, until it is known whether they are the answer
        self._yes = Yes(client, say) if yes else None

    async def run(self) -> int:
        """The exit code. Raises what the API refuses."""
        view = await self._task.load()
        if view.seq and not self._as_json:
            self._show([view.status, *view.cards])
        await self._decide()
        if self._leaves():
            return WAITS
        async with aclosing(self._to_the_end()) as changes:
            async for change in changes:
                if self._as_json:
                    self._tell(change.event.model_dump_json())
                else:
                    self._show_change(change)
                await self._decide()
                if self._leaves():
                    return WAITS
        return FAILED if self._yes and self._yes.stopped else self._task.exit_code()

    def _leaves(self) -> bool:
        """Whether the task waits for people whom nobody here waits for; what to type was said."""
        if self._waits or self._task.ended or not self._task.waits_for_people:
            return False
        if self._task.view.paused:
            self._say(f"The task is paused. Go on with:  threadwork resume {self._task.task_id}")
        return True

    async def _to_the_end(self) -> AsyncGenerator[Change, None]:
        while not self._task.ended:
            async with aclosing(self._task.changes()) as changes:
                async for change in changes:
                    if change:
                        yield change
                    self._tell_of_waiting()
                    if self._task.ended:
                        return

    def _show_change(self, change: Change) -> None:
        if change.event.type is EventType.WORKFLOW_STARTED:
            self._tell(plain(change.after.status, self._task.texts))
        if change.after.status.plan != change.before.status.plan:
            self._tell(plain_plan(change.after.status.plan))
        answers = [card.answer for card in change.cards if isinstance(card, AnswerCard)]
        if change.event.type is EventType.LLM_CALL_COMPLETED:
            self._flush(answers)
            self._unsaid = str(change.event.data.get("text") or "")
        elif change.event.type is not EventType.ITERATION_COMPLETED:
            self._flush(answers)
        if change.cards:
            self._show([without_echo(card, self._task.said) for card in change.cards])
        elif not self._unsaid and (said := change.event.data.get("text") or change.log_line):
            self._tell(clean(str(said)))

    def _flush(self, answers: list[str]) -> None:
        """The model's words are told, unless a card tells them as its answer."""
        if self._unsaid and not any(same_words(self._unsaid, answer) for answer in answers):
            self._tell(clean(self._unsaid))
        self._unsaid = ""

    def _show(self, cards: list[Card]) -> None:
        for card in cards:
            self._tell(plain(card, self._task.texts))

    async def _decide(self) -> None:
        if self._yes:
            await self._yes.heed(self._task)
        elif self._decides:
            self._tell_how()

    def _tell_of_waiting(self) -> None:
        """Once for every model call that is waited for: each attempt would be a line of its own."""
        if self._task.waiting and not self._told_of_waiting:
            self._say(clean(self._task.waiting))
        self._told_of_waiting = bool(self._task.waiting)

    def _tell_how(self) -> None:
        for card in self._task.newly_waiting():
            self._say(how_to_decide(self._task.task_id, card))


def same_words(said: str, answer: str) -> bool:
    """Each may be a preview, which ends in an ellipsis."""
    one, other = (" ".join(text.removesuffix(CUT).split()) for text in (said, answer))
    return (
        one == other
        or (said.endswith(CUT) and other.startswith(one))
        or (answer.endswith(CUT) and one.startswith(other))
    )


def how_to_decide(task_id: str, card: ApprovalCard | QuestionCard | BudgetCard) -> str:
    """What to type at another terminal."""
    if isinstance(card, ApprovalCard):
        ways = f"threadwork approve {task_id} {card.approval_id}   or   threadwork deny {task_id} {card.approval_id}"
    elif isinstance(card, QuestionCard):
        ways = f'threadwork answer {task_id} "…"'
    else:
        ways = f"threadwork budget {task_id} --{'usd' if card.unit == 'usd' else 'tokens'} …"
    return f"The task waits. Decide from another terminal:  {ways}"
