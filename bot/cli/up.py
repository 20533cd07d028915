"""`up`: everything on this machine, and somebody to talk to."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.text import Text

from threadwork.adapters.terminal.lists import greeting, task_table
from threadwork.adapters.terminal.words import words
from threadwork.bot.catalog import load_catalog, offered, without_effect
from threadwork.bot.cli.reach import started
from threadwork.bot.cli.run import named, say, somebody_is_there, tell
from threadwork.bot.client.api import About, ApiClient
from threadwork.bot.embedded.stack import Embedded
from threadwork.bot.embedded.supervisor import Stopped
from threadwork.bot.exposure import exposed
from threadwork.bot.settings import Settings
from threadwork.bot.terminal.screen import Screen
from threadwork.bot.terminal.session import TerminalSession
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.tasks import TaskRecord

EXAMPLES = (
    "Look at my notes and write a short welcome for a new colleague",
    "Plan a release party, slowly, so that there is time to press pause",
    "Tell me what is in the notes",
)
DEMO = (
    "The model is a scripted demo, not an AI: it shows how an agent works here.",
    "A real one: set THREADWORK_MODEL (such as openai/gpt-5-mini) and its key (OPENAI_API_KEY), and start again.",
)
STARTING = "Starting Threadwork…"
GOES_ON = "Task {task} goes on. /watch {task} goes back into it."
NEXT_TIME = "Task {task} is not done yet; it goes on at the next start."
HELP = "A number or a goal starts a task.  /tasks lists them, /watch <task> goes into one, /quit ends everything."


async def up(settings: Settings) -> int:
    """Serve until somebody ends it. Raises what keeps the stack from coming up."""
    for warning in settings.warnings:
        say(warning)
    if exposure := exposed(settings):
        say(f"Warning: {exposure.detail}\n{exposure.hint}")
    catalog = load_catalog(settings)
    sentence, offer = without_effect(catalog), offered(settings, catalog)
    for note in catalog.notes:
        say(note)
    progress = Console(stderr=True).status(STARTING)
    progress.start()
    try:
        async with started(settings, lambda line: progress.update(f"{STARTING} {escape(line.strip())}")) as running:
            stack, client, about = running
            progress.stop()
            if somebody_is_there():
                await Host(client, Screen()).run(_welcome(stack, about, sentence, offer))
                say("Stopping…")
            else:
                for line in _places(stack, about):
                    tell(f"{line[0]}: {line[1]}" + (f" ({line[2]})" if line[2] else ""))
                if sentence:
                    say(sentence)
                await stack.forever()
    except Stopped as stopped:
        say(str(stopped))
    finally:
        progress.stop()
    return 0


class Host:
    """Asks for goals and shows the tasks, one at a time, until the person has had enough."""

    def __init__(self, client: ApiClient, screen: Screen) -> None:
        self._client = client
        self._screen = screen

    async def run(self, welcome: RenderableType) -> None:
        self._screen.show(welcome)
        self._tell_open(await self._client.tasks(open_only=True))
        self._invite()
        while True:
            self._screen.label = lambda: "What should the agent do? › "
            try:
                line = (await self._screen.line()).strip()
            except (KeyboardInterrupt, EOFError):
                line = "/quit"
            if line in ("/quit", "/exit"):
                return await self._say_goodbye()
            await self._heed(line)

    async def _say_goodbye(self) -> None:
        with suppress(ThreadworkError):
            for task in await self._client.tasks(open_only=True):
                self._screen.show(words(NEXT_TIME.format(task=task.task_id), "yellow"))

    async def _heed(self, line: str) -> None:
        try:
            await self._do(line)
        except ThreadworkError as error:
            self._screen.show(words(str(error), "red"))

    async def _do(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "/tasks":
            self._screen.show(self._table(await self._client.tasks(limit=20)))
        elif word == "/watch":
            await self._attach(await named(self._client, rest.strip() or None))
        elif line.startswith("/"):
            self._screen.show(Text(HELP, style="dim"))
        elif line:
            await self._attach(await self._client.start(_goal(line)))

    async def _attach(self, task_id: str) -> None:
        await TerminalSession(self._client, task_id, self._screen, GOES_ON.format(task=task_id)).run()
        self._screen.show(Text(HELP, style="dim"))

    def _tell_open(self, tasks: Sequence[TaskRecord]) -> None:
        if tasks:
            count = f"{len(tasks)} task{' goes' if len(tasks) == 1 else 's go'} on:"
            self._screen.show(Text(count), self._table(tasks))

    def _table(self, tasks: Sequence[TaskRecord]) -> RenderableType:
        return task_table(tasks, datetime.now(UTC), self._screen.width)

    def _invite(self) -> None:
        examples = [Text.assemble((f"  {n}. ", "cyan"), goal) for n, goal in enumerate(EXAMPLES, 1)]
        self._screen.show(Text("For example:"), *examples, Text(HELP, style="dim"))


def _goal(line: str) -> str:
    """A number stands for an example."""
    return EXAMPLES[int(line) - 1] if line in ("1", "2", "3") else line


def _places(stack: Embedded, about: About) -> list[tuple[str, str, str]]:
    model = ("model", about.model, "a scripted demo, not an AI" if about.demo else "")
    return [*((line.name, line.address, line.note) for line in stack.report), model]


def _welcome(stack: Embedded, about: About, warning: str, offer: str) -> RenderableType:
    notes = (*(DEMO if about.demo else ()), *([offer] if offer else []))
    return greeting(_places(stack, about), notes, warning)
