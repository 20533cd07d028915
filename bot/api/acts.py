"""The part of the API by which people act on a task: every click is answered."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from threadwork.bot.access import Forbidden
from threadwork.bot.api.caller import TheCaller, ThePorts, TheTask, TheThreads
from threadwork.bot.api.shapes import Control, Decision, Increase, NewAnswer, NewReply, StopOrder, Taken, problems
from threadwork.bot.chat.grants import check_may_be_granted
from threadwork.bot.chat.rights import may_talk_to
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.intake import commands
from threadwork.bot.intake.outcomes import await_outcome
from threadwork.bot.texts import KEY_LIMIT
from threadwork.workflows.grants import GrantWish
from threadwork.workflows.signal_rights import NOT_RUN
from threadwork.workflows.tasks import Command

router = APIRouter(prefix="/api/tasks/{task_id}", tags=["clicks"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "It took effect."},
    202: {
        "model": Taken,
        "description": "It is stored and will take effect; the run did not react within 2 seconds.",
    },
    **problems(400, 404, 409, 413, 415, 422),
}

ApprovalId = Annotated[str, Path(max_length=KEY_LIMIT, description="From the approval card.")]
QuestionId = Annotated[str, Path(max_length=KEY_LIMIT, description="From the question card.")]


@router.post("/pause", responses=ANSWERS)
async def pause(
    ports: ThePorts, caller: TheCaller, task: TheTask, answer: Response, click: Control | None = None
) -> Taken:
    """Pause: a call under way finishes, nothing new begins."""
    return await _taken(ports, commands.pause(caller, task.task_id, (click or Control()).reason), answer)


@router.post("/resume", responses=ANSWERS)
async def resume(
    ports: ThePorts, caller: TheCaller, task: TheTask, answer: Response, click: Control | None = None
) -> Taken:
    """Resume after a pause."""
    return await _taken(ports, commands.resume(caller, task.task_id, (click or Control()).reason), answer)


@router.post("/stop", responses=ANSWERS)
async def stop(
    ports: ThePorts, caller: TheCaller, task: TheTask, answer: Response, click: StopOrder | None = None
) -> Taken:
    """Stop the task: nothing runs once this returns."""
    order = click or StopOrder()
    return await _taken(ports, commands.stop(caller, task.task_id, order.reason, order.up_to), answer)


@router.post("/replies", responses=ANSWERS)
async def reply(ports: ThePorts, caller: TheCaller, task: TheTask, answer: Response, message: NewReply) -> Taken:
    """Follow-up input. It answers an open question, and wakes a task that has ended.

    Looked at before as well as by the run: a run that is woken has begun to spend.
    Raises `Forbidden` (403) for whom the agent takes no messages from."""
    if not await may_talk_to(ports, caller.by, task):
        raise Forbidden(NOT_RUN, "Whoever keeps threadwork.yaml can add you to its access list.")
    return await _taken(ports, commands.reply(caller, task.task_id, message.text, addressed=True), answer)


@router.post("/approvals/{approval_id}", responses=ANSWERS)
async def decide(
    ports: ThePorts,
    threads: TheThreads,
    caller: TheCaller,
    task: TheTask,
    answer: Response,
    approval_id: ApprovalId,
    click: Decision,
) -> Taken:
    """Approve or deny a tool call, once, for the rest of the task or for good, also with other arguments."""
    if click.scope == "always":
        await check_may_be_granted(threads, task.task_id, approval_id)
    command = commands.decide(
        caller,
        task.task_id,
        approval_id,
        click.decision,
        scope=click.scope,
        reason=click.reason,
        seen=click.digest,
        up_to=click.up_to,
        arguments=click.arguments,
        grant=GrantWish(**click.grant.model_dump()) if click.grant else None,
    )
    return await _taken(ports, command, answer)


@router.post("/questions/{question_id}", responses=ANSWERS)
async def answer_question(
    ports: ThePorts, caller: TheCaller, task: TheTask, answer: Response, question_id: QuestionId, click: NewAnswer
) -> Taken:
    """Answer a question of the agent."""
    return await _taken(ports, commands.answer(caller, task.task_id, question_id, click.answer), answer)


@router.post("/budget", responses=ANSWERS)
async def add_budget(ports: ThePorts, caller: TheCaller, task: TheTask, answer: Response, increase: Increase) -> Taken:
    """Raise limits; a task waiting for this resumes."""
    command = commands.add_budget(caller, task.task_id, increase.add_usd, increase.add_tokens, increase.add_iterations)
    return await _taken(ports, command, answer)


async def _taken(ports: BotDependencies, command: Command, answer: Response) -> Taken:
    outcome = await await_outcome(ports, await commands.write_down(ports, command))
    answer.status_code = 200 if outcome.outcome == "accepted" else 202
    return Taken(outcome=outcome.outcome, detail=outcome.detail)
