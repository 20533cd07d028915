"""The loop guard at work on a run: what it sees of a turn, what it says, and what people's answer does."""

from threadwork.workflows import loops
from threadwork.workflows.events import QuestionAsked
from threadwork.workflows.execution import Failed
from threadwork.workflows.messages import AskUser, ProposedCall, StopRequest, UpdatePlan
from threadwork.workflows.run import Run
from threadwork.workflows.state import TurnCall
from threadwork.workflows.values import digest

GO_ON, STOP = "Go on", "Stop"
STOPPING = frozenset({"stop", "stop it", "stop.", "stopp", "halt", "abort", "cancel"})
TELL = (
    "You have {why}. To repeat it will change nothing. Do something else; if you wait for something, say so with "
    "ask_user; if you cannot get further, call complete_task and say what is missing."
)
STOPPED = "It was repeating itself."
ALONE = "The agent was stopped: it has {why}, and by on_exceeded: stop nobody is asked how to go on."
ASK = "The agent has {why}. Should it go on, stop, or do something else? Reply with what it should do."


def look(run: Run) -> bool:
    """Count the turn that was just made. True: people were asked how to go on.

    Raises `Failed` where the agent stops by itself; whoever replied after an end is there to be asked."""
    state = run.state
    if not state.watched or state.goal_achieved:
        return False
    people = run.people_spoke or any(call.approval_id or call.question_id for call in state.turn)
    verdict = state.loops.look(state.iteration, [done for call in state.turn if (done := _done(call))], people)
    if verdict == "tell":
        run.tell_model(TELL.format(why=state.loops.why))
    if verdict == "ask" and state.alone and not state.continued:
        raise Failed(ALONE.format(why=state.loops.why))
    if verdict == "ask":
        _ask(run)
    return verdict == "ask"


def heed(run: Run) -> StopRequest | None:
    """Take people's answer, which the model is told as well. The stop that it asks for, where it does."""
    asked = next((call for call in run.state.turn if call.by_guard), None)
    if asked is None:
        return None
    run.state.loops.forget()
    if asked.answered_by is None or asked.answer.strip().lower() not in STOPPING:
        return None
    return StopRequest(click_id="", by=asked.answered_by, reason=STOPPED)


def _ask(run: Run) -> None:
    state = run.state
    state.questions_asked += 1
    question = AskUser(question=ASK.format(why=state.loops.why), options=(GO_ON, STOP))
    asked = ProposedCall(
        tool_call_id="", name="ask_user", arguments_ref="", arguments_preview="", digest="", builtin=question
    )
    state.turn.append(
        TurnCall(
            call=asked,
            state="asking",
            question_id=str(state.questions_asked),
            arguments_ref="",
            digest="",
            by_guard=True,
        )
    )
    run.emit(
        QuestionAsked(question_id=str(state.questions_asked), question=question.question, options=question.options)
    )


def _done(entry: TurnCall) -> str:
    """A call with what it came to; empty: nobody knows, as of a result of an older version."""
    call = entry.call
    if isinstance(call.builtin, UpdatePlan):
        return loops.key("plan", "", digest([item.model_dump() for item in call.builtin.items]))
    if call.problem or not entry.result:
        return loops.key(call.name, call.arguments_preview, call.problem) if call.problem else ""
    return loops.key(call.name, entry.digest, entry.result)
