"""The slash command's words: one row each, read by whoever parses, explains or registers them.

What a word does stands in the bot, in a file of the handler's name."""

from typing import Literal

from threadwork.workflows.values import Value

Who = Literal["anybody", "runs", "controls", "decides"]  # who is told of a command; the run itself is asked again


Group = Literal["start", "tasks", "approvals", "channel", "you"]
GROUPS: dict[Group, tuple[str, str]] = {  # in the order of the help: what stands above, and what is typed, say
    "start": ("Start a task", "run Summarise last week's incidents"),
    "tasks": ("Your tasks", "list waiting"),
    "approvals": ("Approvals", "deny t4kz 1: not on a Friday"),
    "channel": ("This channel", "here"),
    "you": ("You", "cost"),
}


class CommandOption(Value):
    """What may follow a word: an option by name on platforms that have such, else typed in this order."""

    name: str
    about: str  # at most 100 characters; documented by Discord
    kind: Literal["text", "number", "file"] = "text"
    suggests: bool = False  # values are offered while it is typed
    choices: tuple[tuple[str, str], ...] = ()  # what is shown, and what is typed
    required: bool = False
    before: str = ""  # what stands before it where the words are typed on one line
    floor: float | None = None  # the least number


class CommandRow(Value):
    """One word after `/agent`."""

    word: str
    about: str  # on platforms that list commands; at most 100 characters
    usage: str  # what follows the word, for the help
    help: str  # `{slash}` is the command's name
    who: Who = "anybody"
    group: Group = "tasks"
    options: tuple[CommandOption, ...] = ()
    aliases: tuple[str, ...] = ()  # what people also say
    handler: str = ""  # file in `bot/chat/commands`; empty: called like the word
    hinted: bool = False  # named in the short hint beside an empty command

    @property
    def handled_by(self) -> str:
        return self.handler or self.word


_TASK = CommandOption(name="task", about="Which one; empty: this thread's, or a list", suggests=True)
_NUMBER = CommandOption(name="number", about="Which approval of the task; empty: a list")
_LISTS = (("My tasks", "mine"), ("Tasks of this channel", "channel"), ("What waits for me", "waiting"))
_RUN = "--agent <name> --model <name> --budget 2.50 --in #channel"

COMMANDS: tuple[CommandRow, ...] = (
    CommandRow(
        word="run",
        about="Give an agent a goal",
        usage="<goal>",
        help=f"start a task; with all options: `{{slash}} run {_RUN} <goal>`",
        who="runs",
        group="start",
        options=(
            CommandOption(name="goal", about="What it should do; empty: a form opens, for long goals"),
            CommandOption(name="agent", about="Which agent", suggests=True),
            CommandOption(name="model", about="Another model than the agent's own", suggests=True),
            CommandOption(name="budget", about="Dollars it may spend", kind="number", floor=0),
            CommandOption(name="file", about="A file to go with the goal", kind="file"),
        ),
        aliases=("start",),
        hinted=True,
    ),
    CommandRow(
        word="home",
        about="What runs, what waits for you, what ended lately",
        usage="",
        help="what runs, what waits for you, what ended lately, and what you spent",
    ),
    CommandRow(
        word="list",
        about="Tasks",
        usage="",
        help="your tasks; also `list channel`, `list waiting`",
        options=(CommandOption(name="which", about="Whose", choices=_LISTS),),
        aliases=("tasks", "ls"),
        hinted=True,
    ),
    CommandRow(
        word="status",
        about="How a task is going",
        usage="[task]",
        help="how a task is going",
        options=(_TASK.model_copy(update={"about": "Which one; empty: this thread's, or your only one"}),),
        hinted=True,
    ),
    CommandRow(
        word="pause",
        about="Pause a task",
        usage="[task]",
        help="pause a task",
        who="controls",
        options=(_TASK,),
        handler="control",
    ),
    CommandRow(
        word="resume",
        about="Let a paused task go on",
        usage="[task]",
        help="let it go on",
        who="controls",
        options=(_TASK,),
        handler="control",
    ),
    CommandRow(
        word="stop",
        about="Stop a task",
        usage="[task]",
        help="stop it; without a task, these three list yours",
        who="controls",
        options=(_TASK,),
        aliases=("cancel",),
        handler="control",
        hinted=True,
    ),
    CommandRow(
        word="here",
        about="What goes on in this channel",
        usage="",
        help="which agent answers in this channel, and which replies it reads",
        group="channel",
    ),
    CommandRow(
        word="approvals",
        about="What waits for your approval",
        usage="",
        help="what waits for your approval",
        who="decides",
        group="approvals",
        hinted=True,
    ),
    CommandRow(
        word="approve",
        about="Allow a tool to run",
        usage="<task> <number>",
        help="allow a tool to run; without a number, it lists what waits",
        who="decides",
        group="approvals",
        options=(_TASK, _NUMBER),
        handler="decisions",
    ),
    CommandRow(
        word="deny",
        about="Do not allow a tool to run",
        usage="<task> <number>: <reason>",
        help="do not allow it",
        who="decides",
        group="approvals",
        options=(
            _TASK,
            _NUMBER,
            CommandOption(name="reason", about="Why; it is shown in the thread", before=": "),
        ),
        handler="decisions",
    ),
    CommandRow(
        word="grants",
        about="What is allowed for good",
        usage="",
        help="what runs without asking because somebody always allowed it; takes it back",
        who="decides",
        group="approvals",
        options=(CommandOption(name="act", about="Empty: the list; revoke and its id: take one back"),),
        aliases=("permissions",),
    ),
    CommandRow(
        word="notify",
        about="Tell this channel of tasks elsewhere",
        usage="on|off|list",
        help="post updates on tasks in this channel; `on failed approval --agent name --in #channel`",
        who="runs",
        group="channel",
        options=(
            CommandOption(
                name="act",
                about="Begin, end, or see what there is",
                choices=tuple((act, act) for act in ("on", "off", "list")),
                required=True,
            ),
            CommandOption(name="of", about="failed, approval, budget, completed …; also --agent, --by, --in"),
        ),
    ),
    CommandRow(
        word="link",
        about="Link your accounts on other platforms with this one",
        usage="[code]",
        help="link your accounts on other platforms with this one; also `link list`, `link off`",
        group="you",
        options=(CommandOption(name="code", about="From your other account; empty: get one; also list, off"),),
    ),
    CommandRow(word="cost", group="you", about="What you spent", usage="", help="what you spent"),
    CommandRow(
        word="agents", group="start", about="Agents you may ask", usage="", help="agents you may ask", who="runs"
    ),
    CommandRow(word="help", group="you", about="What you can do", usage="", help="this list", hinted=True),
)
ROWS: dict[str, CommandRow] = {row.word: row for row in COMMANDS}
SAME: dict[str, str] = {alias: row.word for row in COMMANDS for alias in row.aliases}
