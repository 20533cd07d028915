"""Who and what there is when the curtain rises: two workspaces with people, channels and groups."""

from typing import Literal

from tests.chat_platform.answers import Value

APP = "A1"
APP_TOKEN = "xapp-test"
CLIENT_ID, CLIENT_SECRET = "1.1", "client-secret"


class Team(Value):
    id: str
    name: str
    domain: str
    bot_user: str
    bot_id: str
    token: str


class User(Value):
    id: str
    team: str
    name: str  # display name
    is_bot: bool = False


class Channel(Value):
    id: str
    team: str
    name: str = ""
    kind: Literal["channel", "group", "mpim", "im"] = "channel"  # group: private; mpim: of several; im: of one
    user: str = ""  # of an im: the person
    members: tuple[str, ...] = ()
    is_archived: bool = False
    gone: bool = False  # deleted


class Group(Value):
    id: str
    team: str
    handle: str
    users: tuple[str, ...]


TEAMS = (
    Team(id="T1", name="Acme", domain="acme", bot_user="UBOT1", bot_id="B1", token="xoxb-test"),
    Team(id="T2", name="Beta", domain="beta", bot_user="UBOT2", bot_id="B2", token="xoxb-two"),
)
USERS = (
    User(id="UBOT1", team="T1", name="threadwork", is_bot=True),
    User(id="U1", team="T1", name="Ann"),
    User(id="U2", team="T1", name="Bob"),
    User(id="U3", team="T1", name="Cid"),
    User(id="UBOT2", team="T2", name="threadwork", is_bot=True),
    User(id="U21", team="T2", name="Dan"),
    User(id="U22", team="T2", name="Eve"),
)
T1, T2 = ("U1", "U2", "U3"), ("U21", "U22")
CHANNELS = (
    Channel(id="C1", team="T1", name="general", members=(*T1, "UBOT1", "U21")),  # U21: a guest by Slack Connect
    Channel(id="C2", team="T1", name="random", members=(*T1, "UBOT1")),
    Channel(id="C3", team="T1", name="ops", members=(*T1, "UBOT1")),
    Channel(id="C7", team="T1", name="old", members=(*T1, "UBOT1"), is_archived=True),
    Channel(id="C8", team="T1", name="open", members=T1),  # public, without the bot
    Channel(id="C9", team="T1", name="secret", kind="group", members=T1),  # private, without the bot
    Channel(id="D1", team="T1", kind="im", user="U1", members=("U1", "UBOT1")),
    Channel(id="D2", team="T1", kind="im", user="U2", members=("U2", "UBOT1")),
    Channel(id="D3", team="T1", kind="im", user="U3", members=("U3", "UBOT1")),
    Channel(id="C21", team="T2", name="general", members=(*T2, "UBOT2")),
    Channel(id="D21", team="T2", kind="im", user="U21", members=("U21", "UBOT2")),
    Channel(id="D22", team="T2", kind="im", user="U22", members=("U22", "UBOT2")),
)
GROUPS = (
    Group(id="S1", team="T1", handle="oncall", users=("U1", "U2")),
    Group(id="S2", team="T1", handle="leads", users=("U3",)),
)
