"""Decides in the place of a person who said `--yes`."""

from collections.abc import Callable

from threadwork.bot.client.api import ApiClient
from threadwork.bot.terminal.talk import Waiting
from threadwork.bot.terminal.task import FollowedTask
from threadwork.workflows.cards import ApprovalCard, BudgetCard, QuestionCard
from threadwork.workflows.errors import Rejected

OWN_JUDGEMENT = "Use your own judgement."  # what a question without options is answered


class Yes:
    """Allows everything and takes the first option of every question; it spends nothing beyond the budget."""

    def __init__(self, client: ApiClient, say: Callable[[str], None]) -> None:
        self._client = client
        self._say = say
        self.stopped = False  # the budget was used up, and the task was stopped

    async def heed(self, task: FollowedTask) -> None:
        """Decide what has begun to wait. Somebody else's decision is as good."""
        for card in task.newly_waiting():
            try:
                await self._respond(task.task_id, card)
            except Rejected as refused:
                self._say(str(refused))

    async def _respond(self, task_id: str, card: Waiting) -> None:
        if isinstance(card, ApprovalCard):
            self._say(f"--yes allows {card.tool}.")
            await self._client.decide(task_id, card.approval_id, "approve", digest=card.digest)
        elif isinstance(card, QuestionCard):
            answer = card.options[0] if card.options else OWN_JUDGEMENT
            self._say(f"--yes answers: {answer}")
            await self._client.answer(task_id, card.question_id, answer)
        elif isinstance(card, BudgetCard):
            await self._stop(task_id)

    async def _stop(self, task_id: str) -> None:
        """Does and tells nothing where the agent has ended by itself, as one does that is told to."""
        try:
            if (await self._client.task(task_id)).thread.status.status.ended:
                return
            await self._client.stop(task_id, "The budget is used up.")
        except Rejected:
            if (await self._client.task(task_id)).thread.status.status.ended:
                return
            raise
        self.stopped = True
        self._say("The budget is used up, and --yes adds nothing to it: the task is stopped.")
