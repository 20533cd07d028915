"""What a model's answer does to a run: it becomes the turn's calls, or the task's answer."""

from threadwork.workflows import grant_rules
from threadwork.workflows.agents import Verdict
from threadwork.workflows.answers import NUDGE, count, cut_off
from threadwork.workflows.approval_events import QuestionAsked
from threadwork.workflows.call_events import ToolCallFailed
from threadwork.workflows.call_requests import AskUser, LLMResult, MCPToolResult, ProposedCall, UpdatePlan
from threadwork.workflows.compaction_due import is_due
from threadwork.workflows.run import Run
from threadwork.workflows.run_events import PlanUpdated
from threadwork.workflows.state import TurnCall
from threadwork.workflows.values import preview


def take_answer(run: Run, result: LLMResult) -> None:
    """Turn what the model said into the turn's calls, or into the task's answer."""
    state = run.state
    full = is_due(result.usage.prompt, result.window)
    state.compact_next = full if result.compact is None else result.compact
    state.turn = [_turn_call(run, call, result) for call in result.calls]
    state.acted, state.watched = state.acted or bool(result.calls), result.finish is not None
    state.alone = result.alone
    count(state, result)
    if result.cut and result.finish:
        return run.tell_model(cut_off(result))
    if result.calls:
        return None
    if not result.text:
        run.tell_model("You said nothing. Use a tool, or call complete_task with your answer.")
    elif result.cut:
        run.tell_model("Your answer was cut off at the output limit. Go on from there, or be shorter.")
    elif result.announced and not state.acted and not state.nudged:
        state.nudged = True
        run.tell_model(NUDGE)
    else:
        run.achieve(result.text, result.ref)
    return None


def _turn_call(run: Run, call: ProposedCall, result: LLMResult) -> TurnCall:
    entry = TurnCall(call=call, arguments_ref=call.arguments_ref, digest=call.digest)
    if call.problem:
        run.emit(ToolCallFailed(tool=call.name, output_preview=preview(call.problem)))
        run.finish_call(entry, call.problem)
    elif isinstance(call.builtin, UpdatePlan):
        run.emit(PlanUpdated(items=call.builtin.items))
        run.finish_call(entry, "The plan is shown.")
    elif isinstance(call.builtin, AskUser):
        _ask(run, entry, call.builtin)
    elif call.asks:
        _request(run, entry, result)
    elif call.tool:
        _apply_policy(run, entry, result)
    return entry


def _ask(run: Run, entry: TurnCall, question: AskUser) -> None:
    run.state.questions_asked += 1
    entry.state, entry.question_id = "asking", str(run.state.questions_asked)
    run.emit(
        QuestionAsked(question_id=entry.question_id, question=preview(question.question), options=question.options)
    )


def ask_for_server(run: Run, entry: TurnCall, result: MCPToolResult) -> None:
    """A tool server must know something before its call goes on."""
    run.state.questions_asked += 1
    entry.state, entry.question_id = "asking", str(run.state.questions_asked)
    entry.asked_ref, entry.queue = result.asked_ref, result.queue
    run.emit(
        QuestionAsked(
            question_id=entry.question_id,
            question=preview(result.question),
            options=result.options,
            server=entry.call.name.partition(".")[0],
        )
    )


def _apply_policy(run: Run, entry: TurnCall, result: LLMResult) -> None:
    tool = entry.call.tool
    if tool is None or tool.builtin:
        return
    verdict = run.agent.tools.verdict(tool)
    if entry.call.as_text and verdict is Verdict.ALLOW and not tool.safe:
        verdict = Verdict.ASK
    if verdict is Verdict.DENY:
        run.deny(entry, f"The policy of this agent does not allow {tool.name}.")
    elif verdict is Verdict.ASK:
        _request(run, entry, result)


def _request(run: Run, entry: TurnCall, result: LLMResult) -> None:
    """Ask people for a call, unless they allowed it for the rest of the task, or for good."""
    if entry.call.name in run.state.approvals.granted:
        return
    entry.grant = grant_rules.allowing(run, entry.call, result.grants)
    if entry.grant is None:
        ask_people(run, entry, result.text)


def ask_people(run: Run, entry: TurnCall, why: str = "") -> None:
    """The call waits for their decision. Emits `human_approval.requested`."""
    call, policy = entry.call, run.agent.approvals
    terms = grant_rules.terms(run, call)
    asked = run.state.approvals.request(call, why, policy, run.state.requester, run.now(), terms)
    entry.state, entry.approval_id = "asking", asked.approval_id
    run.emit(asked)
