"""What a person at a terminal does to a task."""

import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from rich.text import Text

from threadwork.adapters.terminal.words import words
from threadwork.adapters.wording.argument_words import editable
from threadwork.bot.client.api import ApiClient, Outcome
from threadwork.bot.terminal.screen import Screen
from threadwork.bot.terminal.talk import HELP, Meant
from threadwork.bot.terminal.task import FollowedTask
from threadwork.workflows.cards import ApprovalCard


@dataclass(frozen=True)
class Aside:
    """A question of ours to the person; the next line is its answer."""

    label: str
    heed: Callable[[str], Awaitable[None]]


class Acts:
    """Sends what the person means. `aside` is what we ask in between, if anything."""

    def __init__(self, client: ApiClient, task: FollowedTask, screen: Screen) -> None:
        self._client = client
        self._task = task
        self._screen = screen
        self.aside: Aside | None = None
        self._woken_at = -1  # last event that was there when a reply woke the task
        self._acts: dict[str, Callable[[Meant], Awaitable[None]]] = {
            "reply": self._reply,
            "answer": self._answer,
            "approve": self._approve,
            "approve_task": self._approve_for_task,
            "ask_reason": self._ask_reason,
            "edit": self._edit,
            "add_usd": self._add_usd,
            "add_tokens": self._add_tokens,
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "help": self._help,
            "unknown": self._unknown,
            "too_late": self._too_late,
        }

    @property
    def waking(self) -> bool:
        """A reply was sent after the end, and nothing has come of it yet."""
        return self._woken_at >= self._task.view.seq

    async def do(self, meant: Meant) -> None:
        """Raises what the API refuses."""
        await self._acts[meant.act](meant)

    async def stop(self, reason: str = "") -> None:
        self._tell(await self._client.stop(self._task.task_id, reason, up_to=self._task.seen))

    def say(self, text: str, style: str = "") -> None:
        self._screen.show(words(text, style))

    async def _reply(self, meant: Meant) -> None:
        self._screen.show(Text.assemble(("› ", "bold"), words(meant.text, "bold")))
        if self._task.view.status.status.ended:
            self._woken_at = self._task.view.seq
        try:
            self._tell(await self._client.reply(self._task.task_id, meant.text))
        except BaseException:
            self._woken_at = -1
            raise

    async def _answer(self, meant: Meant) -> None:
        question = getattr(meant.card, "question_id", "")
        self._tell(await self._client.answer(self._task.task_id, question, meant.text))

    async def _approve(self, meant: Meant) -> None:
        await self._approve_as_seen(meant, "once")

    async def _approve_for_task(self, meant: Meant) -> None:
        await self._approve_as_seen(meant, "task")

    async def _approve_as_seen(self, meant: Meant, scope: Literal["once", "task"]) -> None:
        approval, task_id = _approval(meant), self._task.task_id
        digest, up_to = _digest(meant), self._task.seen
        decided = await self._client.decide(task_id, approval, "approve", scope=scope, digest=digest, up_to=up_to)
        self._tell(decided)

    async def _ask_reason(self, meant: Meant) -> None:
        seen = _digest(meant)

        async def deny(reason: str) -> None:
            self._tell(await self._client.decide(self._task.task_id, _approval(meant), "deny", reason, digest=seen))

        self.aside = Aside("Why not? The agent is told (Enter: no reason) › ", deny)

    async def _edit(self, meant: Meant) -> None:
        if not isinstance(meant.card, ApprovalCard):
            return
        text = editable(await self._task.whole(meant.card.arguments_ref, meant.card.arguments))

        card = meant.card

        async def approve(edited: str) -> None:
            await self._approve_edited(card, edited)

        if editor := os.environ.get("VISUAL") or os.environ.get("EDITOR"):
            await approve(await self._screen.edit(text, editor))
        else:
            self.aside = Aside("Allow with (JSON; empty: not yet) › ", approve)
            self._screen.prefill(" ".join(text.split("\n")))

    async def _approve_edited(self, seen: ApprovalCard, edited: str) -> None:
        if not edited.strip():
            return
        try:
            arguments = json.loads(edited)
        except ValueError as error:
            self.say(f"That is not JSON ({error}); nothing was decided.", "red")
            return
        if not isinstance(arguments, dict):
            self.say("The arguments must be a JSON object; nothing was decided.", "red")
            return
        task_id, approval, shown = self._task.task_id, seen.approval_id, seen.digest
        self._tell(
            await self._client.decide(
                task_id, approval, "approve", arguments=arguments, digest=shown, up_to=seen.last_reply or None
            )
        )

    async def _add_usd(self, meant: Meant) -> None:
        self._tell(await self._client.add_budget(self._task.task_id, usd=float(meant.text)))

    async def _add_tokens(self, meant: Meant) -> None:
        self._tell(await self._client.add_budget(self._task.task_id, tokens=int(meant.text)))

    async def _pause(self, meant: Meant) -> None:
        self._tell(await self._client.pause(self._task.task_id, meant.text))

    async def _resume(self, meant: Meant) -> None:
        self._tell(await self._client.resume(self._task.task_id, meant.text))

    async def _stop(self, meant: Meant) -> None:
        await self.stop(meant.text)

    async def _help(self, meant: Meant) -> None:
        self.say(HELP, "dim")

    async def _unknown(self, meant: Meant) -> None:
        self.say(f"There is no command {meant.text}. /help lists them.", "red")

    async def _too_late(self, meant: Meant) -> None:
        self.say(f"Nothing waits for a decision now, so “{meant.text}” was not sent.", "dim")

    def _tell(self, outcome: Outcome) -> None:
        """The thread itself shows what came of it; here is said only that this will take a while."""
        if outcome.outcome == "recorded":
            self.say(outcome.detail, "dim")


def _approval(meant: Meant) -> str:
    return meant.card.approval_id if isinstance(meant.card, ApprovalCard) else ""


def _digest(meant: Meant) -> str:
    """Of the card that was on the screen."""
    return meant.card.digest if isinstance(meant.card, ApprovalCard) else ""
