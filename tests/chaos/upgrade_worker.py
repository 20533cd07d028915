"""A worker that plays the stories of an upgrade on whichever code `PYTHONPATH` leads to: `python -P` with this file.

It uses only what both versions have. UPGRADE_FOLDER holds the journal of the writes, and `go`, for which a thought
waits. With `link` it is no worker: Ann's account on Discord is linked with hers on Slack, and asks for a task there."""

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

try:
    from tests.worker_harness import ANN, READ, WRITE
except ImportError:  # the oldest of the versions
    from tests.stage import ANN, READ, WRITE

CODE = Path(os.environ["PYTHONPATH"])
ROOMS = "threadwork." if (CODE / "threadwork").is_dir() else ""  # older versions had them under their bare names


def named(module: str, *names: str) -> Any:
    """Out of the code that runs."""
    found = import_module(f"{ROOMS}{module}")
    return tuple(getattr(found, name) for name in names) if len(names) > 1 else getattr(found, names[0])


MemoryModel, says = named("adapters.memory.model", "MemoryModel", "says")
MemoryToolBox = named("adapters.memory.tools", "MemoryToolBox")
Database = named("adapters.sql.database", "Database")
SqlStore = named("adapters.sql.store", "SqlStore")
connect_temporal, worker_dependencies = named("bot.bootstrap", "connect_temporal", "worker_dependencies")
upgrade_when_there = named("bot.database", "upgrade_when_there")
Settings = named("bot.settings", "Settings")
working = named("bot.worker", "working")
ContextOverflow, ModelError = named("workflows.errors", "ContextOverflow", "ModelError")
Delta, ModelRequest, RequestedCall = named("workflows.models", "Delta", "ModelRequest", "RequestedCall")
Command, RunOrder, TaskOrder = named("workflows.tasks", "Command", "RunOrder", "TaskOrder")
Principal = named("workflows.values", "Principal")
Sink = named("workflows.sinks" if (CODE / "workflows" / "sinks.py").exists() else "workflows.chat", "Sink")

FOLDER = Path(os.environ["UPGRADE_FOLDER"])
ANN_THERE = Principal(platform="discord", workspace="7", user_id="71", name="ann")
LINKED = "Write for both accounts"
BROKEN = "demo/broken"  # a model that has a fallback
DEAR = 1_020_000_000  # nano-dollars, of a budget of one dollar
Turn = tuple[str, dict[str, object]]  # tool and arguments
STORIES: dict[str, tuple[Turn, ...]] = {
    "Write as a pair": (("notes__write", {"name": "pair"}),),
    "Write under four eyes": (("notes__write", {"name": "eyes"}),),
    LINKED: (("notes__write", {"name": "linked"}),),
    "Write often": (
        ("notes__write", {"name": "often"}),
        ("ask_user", {"question": "Go on?", "options": ["Yes", "No"]}),
        ("notes__write", {"name": "once more"}),
    ),
    "Ask me": (("ask_user", {"question": "Which colour?", "options": ["Red", "Blue"]}),),
    "Write and be asked": (
        ("notes__write", {"name": "asked first"}),
        ("notes__write", {"name": "asked again"}),
    ),
    "Spend": (("notes__read", {"name": "dear"}),),
    "Think long": (("notes__read", {"name": "thought"}),),
    "End early": (
        ("notes__write", {"name": "early"}),
        ("complete_task", {"answer": "Early."}),
        ("notes__write", {"name": "late"}),
    ),
    "Fall back": (("notes__write", {"name": "spare"}),),
}
REMEMBER = "Remember"
EARLIER = "The first note was read."  # the older version's summary of it
LATER = "And so were the long ones."
REMEMBERS = (CODE / "workflows" / "memory.py").exists()  # the code that runs keeps the newest turns whole
LONG = 6  # long notes, after which the newer version has to summarise too


def remembering(request: ModelRequest) -> Delta:
    """Its conversation is too long once for the older version, and once for the newer."""
    said = json.dumps(request.messages)
    if not request.tools:
        return says(f"{EARLIER} {LATER}" if EARLIER in said or FILLING in said else EARLIER)
    if LATER in said:
        kept = EARLIER in said and REMEMBER in said and "approved" in said
        return says("", _call("complete_task", answer=f"{REMEMBER}: {'done' if kept else 'forgotten'}."))
    if not _said(request) and EARLIER not in said:
        return says("", _call("notes__read", name="first"))
    if EARLIER not in said and not REMEMBERS:
        raise ContextOverflow("It is too long.")
    if '"written"' not in said:
        return says("", _call("notes__write", name="remembered"))
    if said.count(FILLING) >= LONG:
        raise ContextOverflow("It is too long.")
    return says("", _call("notes__read", name=f"long {said.count(FILLING)}"))


FILLING = "A long note begins here."


def _call(tool: str, **arguments: str) -> RequestedCall:
    return RequestedCall(id=uuid.uuid4().hex, name=tool, arguments=json.dumps(arguments))


def read(arguments: dict[str, str]) -> str:
    name = arguments["name"]
    return f"{FILLING} {name} {'word ' * 2_400}" if name.startswith("long") else "text"


def tell(request: ModelRequest) -> Delta:
    """A pure function of the conversation, so that either version goes on where the other was."""
    if REMEMBER in str(request.messages):
        return remembering(request)
    if request.model == BROKEN and "Fall back" in str(request.messages):
        raise ModelError("It is not to be had.")
    goal, said = request.messages[1]["content"], _said(request)
    story = (*STORIES[goal], ("complete_task", {"answer": f"{goal}: done."}))
    name, arguments = story[min(said, len(story) - 1)]
    call = RequestedCall(id=f"call-{said}", name=name, arguments=json.dumps(arguments))
    return says("", call, cost_nanos=DEAR if goal == "Spend" and not said else 0)


class Thinking(MemoryModel):
    """The first thought of one task waits."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        if request.messages[1]["content"] == "Think long" and not _said(request):
            (FOLDER / "thinking").touch()
            while not (FOLDER / "go").exists():
                await asyncio.sleep(0.1)
        async for delta in super().stream(request):
            yield delta


def _said(request: ModelRequest) -> int:
    return sum(message["role"] == "assistant" for message in request.messages)


def write(arguments: dict[str, str]) -> str:
    with (FOLDER / "journal").open("a") as lines:
        lines.write(f"{arguments['name']}\n")
    return "written"


async def work(settings: Settings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await upgrade_when_there(settings)
    tools = MemoryToolBox((READ, read), (WRITE, write))
    async with worker_dependencies(settings, model=Thinking(tell), tools=tools) as dependencies:
        client = await connect_temporal(settings)
        async with working(client, dependencies, settings.temporal_task_queue):
            print(f"works with {CODE}", flush=True)
            await stop.wait()


async def link(settings: Settings) -> None:
    database = Database(settings.database)
    store = SqlStore(database)
    await store.people.join(ANN_THERE, await store.people.offer(ANN))
    sink = Sink(platform="slack", workspace="T1", channel="C1")
    order = RunOrder(order=TaskOrder(goal=LINKED, by=ANN_THERE, sink=sink, agent="eyes"))
    once = settings.temporal_task_queue  # the task's id comes of it: on the same Temporal there must be no other such
    intake = getattr(store, "intake", None) or store.inbox
    await intake.store(Command(platform="discord", platform_id=once, by=ANN_THERE, action=order))
    await database.close()


if __name__ == "__main__":
    asyncio.run((link if "link" in sys.argv else work)(Settings.load()))
    os._exit(0)
