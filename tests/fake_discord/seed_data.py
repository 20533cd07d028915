"""Who and what there is when the curtain rises: two servers with people, roles and channels."""

from typing import Literal

from tests.chat_platform.answers import Value

APP, BOT, TOKEN = "700", "900", "bot-token"
GUILD, OTHER_GUILD = "500", str(1 << 22)  # the second one falls to shard 1 of 2

TEXT, DIRECT, NEWS, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 5, 11, 12, 15
THREADS = (10, PUBLIC_THREAD, PRIVATE_THREAD)


class User(Value):
    id: str
    name: str  # display name
    is_bot: bool = False
    deaf: bool = False  # takes no direct messages of the bot


class Role(Value):
    id: str
    guild: str
    name: str
    permissions: tuple[str, ...] = ()  # names of `permissions.BITS`


class Member(Value):
    guild: str
    user: str
    roles: tuple[str, ...] = ()


class Channel(Value):
    """A channel, a thread or a direct conversation."""

    id: str
    guild: str = GUILD  # empty: direct
    name: str = ""
    type: Literal[0, 1, 5, 10, 11, 12, 15] = 0
    user: str = ""  # of a direct conversation: the person
    members: tuple[str, ...] | None = None  # people who see it; None: everybody on the server
    denied: tuple[str, ...] = ()  # permissions that the bot lacks here
    gone: bool = False  # deleted
    # Of a thread:
    parent: str = ""
    owner: str = ""
    archived: bool = False
    locked: bool = False
    joined: tuple[str, ...] = ()  # members of the thread
    since: float = 0  # seconds since 1970
    minutes: int = 1440  # of silence after which Discord archives it; the fake never does by itself

    @property
    def is_thread(self) -> bool:
        return self.type in THREADS

    @property
    def direct(self) -> bool:
        return self.type == DIRECT


class Guild(Value):
    id: str
    name: str
    owner: str


PEOPLES = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "create_public_threads",
    "read_message_history",
    "add_reactions",
    "attach_files",
    "embed_links",
    "use_application_commands",
)
BOTS = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "create_public_threads",
    "read_message_history",
    "add_reactions",
    "attach_files",
    "embed_links",
    "manage_threads",
)
GUILDS = (Guild(id=GUILD, name="Acme", owner="203"), Guild(id=OTHER_GUILD, name="Beta", owner="221"))
USERS = (
    User(id=BOT, name="threadwork", is_bot=True),
    User(id="201", name="Ann"),
    User(id="202", name="Bob"),
    User(id="203", name="Cid"),
    User(id="221", name="Dan"),
)
ROLES = (
    Role(id=GUILD, guild=GUILD, name="@everyone", permissions=PEOPLES),
    Role(id="71", guild=GUILD, name="ops"),
    Role(id="72", guild=GUILD, name="leads", permissions=("manage_threads", "manage_messages", "mention_everyone")),
    Role(id="79", guild=GUILD, name="threadwork", permissions=BOTS),
    Role(id=OTHER_GUILD, guild=OTHER_GUILD, name="@everyone", permissions=PEOPLES),
    Role(id="89", guild=OTHER_GUILD, name="threadwork", permissions=BOTS),
)
OWN_ROLES = ("79", "89")  # the bot's, which came with its invitation
MEMBERS = (
    Member(guild=GUILD, user=BOT, roles=("79",)),
    Member(guild=GUILD, user="201", roles=("71",)),
    Member(guild=GUILD, user="202", roles=("71",)),
    Member(guild=GUILD, user="203", roles=("72",)),
    Member(guild=OTHER_GUILD, user=BOT, roles=("89",)),
    Member(guild=OTHER_GUILD, user="221"),
)
CHANNELS = (
    Channel(id="101", name="general"),
    Channel(id="102", name="random"),
    Channel(id="103", name="ops"),
    Channel(id="107", name="flat", denied=("create_public_threads",)),
    Channel(id="108", name="silent", denied=("send_messages", "send_messages_in_threads")),
    Channel(id="109", name="hidden", denied=("view_channel",)),
    Channel(id="115", name="help", type=15),
    Channel(id="121", name="general", guild=OTHER_GUILD),
    Channel(id="301", guild="", type=1, user="201"),
    Channel(id="302", guild="", type=1, user="202"),
    Channel(id="303", guild="", type=1, user="203"),
)
