"""A run with a tool that tells its secret: what is stored, shown and handed on."""

import json
import sys
from pathlib import Path

from temporalio.client import Client

from tests.security import talkative
from tests.worker_harness import WRITE, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.workflows.agents import ToolPolicy
from threadwork.workflows.calls import Message
from threadwork.workflows.servers import ServerSpec
from threadwork.workflows.values import digest

SECRET = "ghp_1234567890abcdefghij"
SERVER = ServerSpec(
    command=sys.executable,
    args=(str(Path(talkative.__file__)),),
    env={"GIVEN": "${LOGIN_TOKEN}"},
    trust_annotations=True,
)


async def test_a_secret_in_an_error_reaches_neither_the_model_nor_the_store(temporal: Client) -> None:
    box = McpToolBox({"talkative": SERVER}, {"LOGIN_TOKEN": SECRET})
    script = [says("", call("talkative__error", form="plain")), done()]
    harness = WorkerHarness(temporal, script, tools=box, agent=agent(tools=ToolPolicy(allow=("*",))))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    await box.close()
    shown = str([request.messages for request in harness.model.requests])
    logged = str([event.data for event in await task.events()])
    kept = str(vars(harness.store.transcript._state))
    for text in (shown, logged, kept):
        assert "cannot log in with [hidden: LOGIN_TOKEN]" in text
        assert SECRET not in text


async def test_a_call_with_a_mark_in_it_is_refused_before_anybody_is_asked(temporal: Client) -> None:
    script = [says("", call("notes__write", text="token [hidden: LOGIN_TOKEN]")), done()]
    harness = WorkerHarness(temporal, script, tools=MemoryToolBox((WRITE, lambda a: "")))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    assert harness.tools.calls == []
    assert "human_approval.requested" not in await task.types()
    told = str(harness.model.requests[-1].messages[-1]["content"])
    assert told.startswith("notes.write was not run: its arguments hold the mark [hidden: LOGIN_TOKEN]")


async def test_an_answer_may_name_what_was_hidden(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [done("It printed [hidden: LOGIN_TOKEN].")])
    async with harness.workers():
        assert (await (await harness.start()).result())["status"] == "completed"


async def test_arguments_that_a_person_edited_are_not_run_with_a_mark_either(temporal: Client) -> None:
    arguments = {"text": "[hidden: LOGIN_TOKEN]"}
    harness = WorkerHarness(
        temporal, [says("", call("notes__write", text="a")), done()], tools=MemoryToolBox((WRITE, lambda a: ""))
    )
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        edited = Message(ref="edited:1", kind="text", body={"content": json.dumps(arguments)})
        await harness.store.transcript.put(task.task_id, edited)
        await task.decide(asked, "approve", edited_ref="edited:1", digest=digest(arguments))
        await task.result()
    assert harness.tools.calls == []
    assert "its arguments hold the mark [hidden: LOGIN_TOKEN]" in str(harness.model.requests[-1].messages)
