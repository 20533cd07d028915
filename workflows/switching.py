"""Which model is asked next, and when a model is asked no more."""

from threadwork.workflows.messages import LLMResult
from threadwork.workflows.run import Run
from threadwork.workflows.values import preview

IN_A_ROW = 3  # answers that lead nowhere, or do not come whole, after which the model is given up


def others(run: Run) -> bool:
    """Whether another model can be asked than the present one."""
    return any(run.state.config.windows[run.state.model_index + 1 :])


def next_model(run: Run, because: str) -> bool:
    """Go over to the next model that can be used, for the rest of the run. False: there is none.

    `because`: told at its first call; empty where nothing is known of why."""
    windows, known = run.state.config.windows, len(run.agent.fallback_models)
    usable = (n for n in range(run.state.model_index + 1, known + 1) if not windows or windows[n])
    return _switch(run, next(usable, None), because)


def roomier_model(run: Run, because: str) -> bool:
    """Go over to the next model that takes a longer conversation. False: none is known to."""
    windows, present = run.state.config.windows, run.state.model_index
    longer = (n for n in range(present + 1, len(windows)) if windows[n] > windows[present])
    return _switch(run, next(longer, None), because)


def try_again(run: Run) -> float | None:
    """Seconds until an answer that did not come whole is asked for anew; None: it was asked for often enough."""
    run.state.broken_answers += 1
    if run.state.broken_answers < IN_A_ROW:
        return run.state.broken_answers / 2
    run.state.broken_answers = 0
    return None


def useless(run: Run, result: LLMResult) -> str:
    """Why the model is asked no more after its last answers, for people; empty: it is."""
    state = run.state
    if state.idle_answers >= IN_A_ROW:
        return f"The model {run.model} answered nothing {IN_A_ROW} times in a row."
    if state.cut_answers >= IN_A_ROW:
        return (
            f"{run.model} reached its output limit of {result.output_cap:,} tokens {IN_A_ROW} times in a row. Raise "
            f"max_output_tokens of the agent {run.agent.name}, choose a model that can write more, or ask for less."
        )
    return ""


def _switch(run: Run, number: int | None, because: str) -> bool:
    if number is None:
        return False
    state = run.state
    state.model_index, state.because = number, preview(because)
    state.idle_answers = state.cut_answers = state.broken_answers = 0
    state.counted, state.window = None, 0
    return True
