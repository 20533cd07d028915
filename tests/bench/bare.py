"""The baseline: a bare Temporal workflow making the same model and tool calls, without storage or events."""

from datetime import timedelta

from temporalio import activity, workflow

TEXT = "x" * 1_000


@activity.defn
async def bare_model(text: str) -> str:
    return TEXT


@activity.defn
async def bare_tool(text: str) -> str:
    return TEXT


@workflow.defn
class BareWorkflow:
    """`done` of `iterations` iterations, continuing as new on Temporal's suggestion as ours does."""

    @workflow.run
    async def run(self, iterations: int, done: int = 0) -> int:
        while done < iterations:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(args=[iterations, done])
            for name in ("bare_model", "bare_tool"):
                await workflow.execute_activity(
                    name, TEXT, start_to_close_timeout=timedelta(seconds=60), heartbeat_timeout=timedelta(seconds=10)
                )
            done += 1
        return done


@workflow.defn
class BareStreaming:
    """So many iterations of a model that streams over HTTP, and a tool."""

    @workflow.run
    async def run(self, iterations: int) -> None:
        for turn in range(iterations):
            for name, argument in (("bare_stream", turn), ("bare_read", TEXT)):
                await workflow.execute_activity(
                    name,
                    args=[argument],
                    start_to_close_timeout=timedelta(seconds=60),
                    heartbeat_timeout=timedelta(seconds=10),
                )
