"""What came of a line, in the words of a row: of what was stored of it, of what its author is told, and of what the
run takes it for."""

from datetime import UTC, datetime

from tests.manners.threads.bot import Bot
from tests.manners.threads.row import Setting
from threadwork.bot.chat.receipt import Stored, Told
from threadwork.workflows import signal_handlers
from threadwork.workflows.call_requests import AskUser, ProposedCall
from threadwork.workflows.event_types import EventType
from threadwork.workflows.inbound import Response
from threadwork.workflows.messages import FollowUp
from threadwork.workflows.outbox import Outbox
from threadwork.workflows.run import Run
from threadwork.workflows.signal_rights import NOTHING
from threadwork.workflows.state import RunState, TurnCall
from threadwork.workflows.tasks import Command, Decide, Reply, RunOrder, Stop
from threadwork.workflows.values import Principal

TOLD = {  # how what its author is told begins or goes on
    "Go on with this?": "go on?",
    "Is this the answer?": "the answer?",
    "Did you mean this approval?": "did you mean",
    "Choose for whose tasks it is allowed": "choose",
    "approvals wait for you": "list",
    "Nothing is allowed yet": "asks again",
    "reads only replies here that mention me": "quiet",
    "reads every reply here": "listen",
    "Replies are off here": "replies are off",
    "start a task; with all options": "help",
    "has ended already": "has ended",
    "**Deploy the app**\n": "status",
}


async def outcome(bot: Bot, key: str, requester: Principal, settings: tuple[Setting, ...]) -> tuple[str, str]:
    """What came of the line, and what the agent reads; empty: nothing."""
    receipt = bot.receipts.get(key)
    if isinstance(receipt, Stored):
        command = receipt.intake.command
        text = command.action.text if isinstance(command.action, Reply) else ""
        return _ordered(bot, command, requester, settings), text
    assert receipt is None or isinstance(receipt, Told)
    return _told(receipt.response if receipt else None), ""


def _told(response: Response | None) -> str:
    if response is None:
        return "nothing"
    return next((name for words, name in TOLD.items() if words in response.text), f"told: {response.text}")


def _ordered(bot: Bot, command: Command, requester: Principal, settings: tuple[Setting, ...]) -> str:
    match command.action:
        case Reply(task_id=task_id, message=message):
            number = bot.tasks.index(task_id)
            asked = _is_answer(message, requester, settings[number].options)
            return ("answer" if asked else "follow-up") + (" to the newer one" if number else "")
        case Decide(click=click):
            return f"{click.decision} {click.approval_id}" + (f": {click.reason}" if click.reason else "")
        case Stop():
            return "stop"
        case RunOrder():
            return "start"
    return command.action.kind


def _is_answer(message: FollowUp, requester: Principal, options: tuple[str, ...] | None) -> bool:
    """As a run takes it that asks, or does not."""
    run = Run(RunState(outbox=Outbox(task_id="t"), epoch=1, requester=requester), clock=lambda: datetime.now(UTC))
    if options is not None:
        asks = AskUser(question="Where?", options=options)
        call = ProposedCall(
            tool_call_id="1", name="ask_user", arguments_ref="a", arguments_preview="", digest="d", builtin=asks
        )
        run.state.turn = [TurnCall(call=call, state="asking", question_id="1", arguments_ref="a", digest="d")]
    assert signal_handlers.follow_up(run, message, NOTHING) == ""
    return any(event.type is EventType.QUESTION_ANSWERED for event in run.events.tail)
