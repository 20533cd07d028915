"""What people say and do on a chat platform, and what they are told: between a platform's adapter and the bot.

An adapter translates what its platform delivers into an `Inbound`, hands it to the `ChatReceiver`, acknowledges it once
that returns, and shows what the receipt answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.cards import ApprovalCard, BudgetCard, QuestionCard, StatusCard
from threadwork.workflows.files import GivenFile
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Principal, Value

# --- what people say and do ------------------------------------------------------------------------------


class MessageSource(Value):
    """Who said or did something, where, and under which id of the platform's own: a redelivery carries the same.

    Of a message the key is `{channel}:{message}`, and keys of a channel sort as texts by time: where the platform's ids
    do not, the moment stands before the id. A stop is measured by that against what was said."""

    by: Principal  # `standing="unknown"` where the delivery does not tell: who has an empty one counts as a member
    key: str  # printable ASCII, at most 200 characters, unique on the platform
    sink: Sink  # the channel; `thread` is the root of the thread it was said in, empty outside of one
    posts: bool = True  # False: the delivery tells that the bot may not post there
    direct: bool = False  # a conversation with the bot alone; `sink.channel` is the conversation's id, no user's
    moment: str = ""  # when, as `{channel}:{message}`, where it may come late; compared with ids of messages
    channels: tuple[tuple[str, str], ...] = ()  # name and id of channels named in what was said
    people: tuple[tuple[str, str], ...] = ()  # name and id of people named in it


class Attachment(Value):
    """A file that came with a message."""

    name: str
    size: int = 0  # bytes
    link: str = ""  # for people
    text: str | None = None  # its content, where it is text and short enough to be read; of a voice clip, what was said
    file: GivenFile | None = None  # the file itself, where a model may look at it


class ThreadMessage(Value):
    """A message of somebody else's, as context: earlier in the thread, forwarded, or the one that is answered."""

    name: str  # of who wrote it
    text: str  # with what its attachments, blocks or embeds say
    at: datetime | None = None  # when
    files: tuple[Attachment, ...] = ()

    @property
    def head(self) -> str:
        """Who said it, and when."""
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M} UTC" if self.at else self.name


class ThreadSource(Protocol):
    """What the platform can tell of the thread in which something was said. Asked only where it matters."""

    async def root_mark(self) -> str:
        """The mark on the thread's root message, if the bot wrote it: others may forge one. Empty: there is none."""

    async def earlier(self) -> Sequence[ThreadMessage]:
        """What was said in the thread before, oldest first."""


class StartForm(Value):
    """What a person filled in to start a task."""

    goal: str
    agent: str = ""  # empty: the default one
    model: str = ""  # empty: the agent's own
    budget: str = ""  # dollars, as typed; empty: the agent's own
    files: tuple[Attachment, ...] = ()


# --- as one value each -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SlashCommand:
    """Words after the slash command."""

    source: MessageSource
    text: str


@dataclass(frozen=True, kw_only=True)
class StartSubmitted:
    """A filled-in form to start a task."""

    source: MessageSource
    form: StartForm


@dataclass(frozen=True, kw_only=True)
class IncomingMessage:
    """A message to the bot, or in a thread it may have a task in."""

    source: MessageSource
    text: str
    message_id: str  # what a task's thread would hang on; its key may end in something else
    unnamed: str = ""  # the text without the bot's mention at its end, as control words are read; empty: it has none
    files: tuple[Attachment, ...] = ()
    mentioned: bool = False  # it names the bot, outside of code, quotations and links; or is said to the bot alone
    to_others: bool = False  # it begins by addressing somebody else, or answers another person's message
    answers: str = ""  # message id of ours that it answers
    replies: bool = False  # it answers a message, whosever: nothing comes along with it then
    about: tuple[ThreadMessage, ...] = ()  # what was forwarded with it, and the message of others that it answers
    thread: ThreadSource


@dataclass(frozen=True, kw_only=True)
class MessageEdit:
    """A message that came in under the key `{channel}:{message_id}` was edited or taken back."""

    source: MessageSource
    message_id: str  # what the message's key ends in, and not what a thread would hang on
    text: str | None  # None: taken back
    at: datetime  # older than an edit known already: ignored


@dataclass(frozen=True, kw_only=True)
class ButtonClick:
    """A button, or the form behind it."""

    source: MessageSource
    press: Click
    given: str = ""  # what the form held: reason, arguments as JSON, answer, amount


@dataclass(frozen=True, kw_only=True)
class StopReaction:
    """A sign that means stop on a message: a reaction, or the platform's own button."""

    source: MessageSource
    message_id: str  # what a thread would hang on; when the sign was made is the source's `moment`


Inbound = SlashCommand | StartSubmitted | IncomingMessage | MessageEdit | ButtonClick | StopReaction


# --- what people are told ----------------------------------------------------------------------------------


class Item(Value):
    """A line of a list, with the message it is about."""

    text: str
    sink: Sink | None = None
    message_id: str = ""  # root of the task's thread, where it is known
    buttons: tuple[Button, ...] = ()


class Pending(Value):
    """An approval that waits for the person."""

    task: TaskRecord
    card: ApprovalCard
    where: Item


class Ended(Value):
    """A task that has ended, with what it came to."""

    where: Item  # its buttons: Details, which show the whole answer
    answer: str = ""  # its first lines, Markdown of the model's; of a task without one why it ended


class Home(Value):
    """What is a person's own, in one picture: only what they may see, with the buttons that count where it is shown."""

    running: tuple[Item, ...] = ()
    approvals: tuple[Pending, ...] = ()
    questions: tuple[Item, ...] = ()  # what their own tasks ask, budgets that are used up among it
    ended: tuple[Ended, ...] = ()  # of the last seven days, the newest first
    agents: tuple[tuple[str, str], ...] = ()  # name and description of those they may run, the usual one here first
    spent_day: float = 0  # dollars in the last 24 hours
    spent_week: float = 0  # dollars in the last seven days


class Response(Value):
    """What a person is told, alone and at once. Markdown, neutralised by nobody yet."""

    text: str
    tone: Literal["info", "warning"] = "info"  # warning: nothing was changed
    items: tuple[Item, ...] = ()
    asks: Literal["", "start"] = ""  # a form to show instead of the text, where the platform has forms
    home: Home | None = None  # to show instead of text and items, where the platform draws it


class Details(Value):
    """A task in a window of its own. Texts are whole."""

    task_id: str
    goal: str
    status: StatusCard
    link: str = ""  # to Temporal's page
    thought: str = ""  # what the model thought before it last spoke
    answer: str = ""  # its newest answer; empty: there is none yet


class Choices(Value):
    """What a form can offer."""

    agents: tuple[tuple[str, str], ...] = ()  # name and description, those first that people may run
    models: tuple[str, ...] = ()
    agent: str = "default"


# --- between the two ---------------------------------------------------------------------------------------


class Receipt(Protocol):
    """What a person did is stored, or there was nothing to store: the platform can be told."""

    async def answer(self) -> Response | None:
        """What the person is told, after two seconds at most. None: there is nothing to say, or the thread shows what
        comes of it. Raises nothing that is meant for people."""


class ChatReceiver(Protocol):
    """Takes in what people say and do."""

    async def receive(self, inbound: Inbound) -> Receipt:
        """Returns once it is stored, or needs not be. A redelivery is answered like the first delivery.

        Raises where nothing was stored, so that the platform delivers it again or the person is told: what the storage
        raises, and `Rejected` for a form that can be shown again with what is wrong in it."""


class ChatViews(Protocol):
    """What a platform's windows and forms show."""

    async def workspace(self, sink: Sink, among: Sequence[str]) -> str:
        """The one of these in which the task lives whose thread that is, if the channel is in several; else empty."""

    async def card(self, source: MessageSource, press: Click) -> ApprovalCard | QuestionCard | BudgetCard | None:
        """The card behind a button, with whole texts, for the form that it opens. None: nothing is left to decide.

        Raises `Rejected` for arguments that are private, and not for the person."""

    async def details(self, source: MessageSource, task_id: str) -> Details:
        """Raises `NotFound`."""

    async def home(self, by: Principal, source: MessageSource | None = None) -> Home:
        """`source`: where it is shown; None: on a page of the person's own."""

    async def open_tasks(self, by: Principal) -> Sequence[Item]:
        """The person's own, a line each, to choose from. Raises nothing of its own."""

    async def choices(self, by: Principal) -> Choices: ...
