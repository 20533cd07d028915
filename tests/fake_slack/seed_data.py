"""Who and what there is when the curtain rises: workspaces with people, channels and groups.

T1 and T2 are two organisations that share the channel C1 (Slack Connect). T3 and T4 are two workspaces of one
organisation (Enterprise Grid), and the app is installed in both. Payloads of one and the same person name different
teams there: bolt-js#1875, and `user_team` E013Y3SHLAY beside `team` T014GJXU940 in bolt-python's tests."""

from typing import Literal

from pydantic import Field

from tests.chat_platform.answers import Value

APP = "A1"
APP_TOKEN = "xapp-test"
CONFIG_TOKEN = "xoxe.xoxp-1-test"  # of a person of T1, who makes apps there
OLD_CONFIG_TOKEN = "xoxe.xoxp-1-old"  # twelve hours have gone by
CLIENT_ID, CLIENT_SECRET = "1.1", "client-secret"


class Team(Value):
    id: str
    name: str
    domain: str
    bot_user: str
    bot_id: str
    token: str
    enterprise: str = ""


class User(Value):
    id: str
    team: str
    name: str  # display name
    is_bot: bool = False
    is_restricted: bool = False  # a guest of several channels
    is_ultra_restricted: bool = False  # a guest of one
    is_stranger: bool = False  # of another organisation, as the asking workspace sees it
    enterprise: str = ""
    teams: tuple[str, ...] = ()  # workspaces of the organisation
    called: dict[str, str] = Field(
        {}
    )  # team that payloads of a kind name: command, click, mention, message; else `team`


class Channel(Value):
    id: str
    team: str
    name: str = ""
    kind: Literal["channel", "group", "mpim", "im"] = "channel"  # group: private; mpim: of several; im: of one
    user: str = ""  # of an im: the person
    members: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()  # other workspaces that it is in too, by Connect or within an organisation
    is_archived: bool = False
    gone: bool = False  # deleted

    @property
    def teams(self) -> tuple[str, ...]:
        """The workspaces that it is in; the one that made it first."""
        return self.team, *self.shared


class Group(Value):
    id: str
    team: str
    handle: str
    users: tuple[str, ...]


TEAMS = (
    Team(id="T1", name="Acme", domain="acme", bot_user="UBOT1", bot_id="B1", token="xoxb-test"),
    Team(id="T2", name="Beta", domain="beta", bot_user="UBOT2", bot_id="B2", token="xoxb-two"),
    Team(id="T3", name="Grid one", domain="grid-1", bot_user="UBOT3", bot_id="B3", token="xoxb-three", enterprise="E1"),
    Team(id="T4", name="Grid two", domain="grid-2", bot_user="UBOT4", bot_id="B4", token="xoxb-four", enterprise="E1"),
)
USERS = (
    User(id="UBOT1", team="T1", name="threadwork", is_bot=True),
    User(id="U1", team="T1", name="Ann"),
    User(id="U2", team="T1", name="Bob"),
    User(id="U3", team="T1", name="Cid"),
    User(id="UBOT2", team="T2", name="threadwork", is_bot=True),
    User(id="U21", team="T2", name="Dan"),
    User(id="U22", team="T2", name="Eve"),
    User(id="U23", team="T2", name="Fay", is_stranger=True, called={"click": "T1", "command": "T1"}),
    User(id="U4", team="T1", name="Gus", is_restricted=True),
    User(id="U5", team="T1", name="Guy", is_ultra_restricted=True),
    User(id="UBOT3", team="T3", name="threadwork", is_bot=True),
    User(id="UBOT4", team="T4", name="threadwork", is_bot=True),
    User(
        id="W31", team="T3", name="Gina", enterprise="E1", teams=("T3", "T4"),
        called={"mention": "E1", "message": "T3", "click": "T4", "command": "T3"},
    ),
    User(
        id="W32", team="T4", name="Hans", enterprise="E1", teams=("T4", "T3"),
        called={"mention": "E1", "message": "T4", "click": "T4", "command": "T3"},
    ),
    User(id="W41", team="T4", name="Ida", enterprise="E1", teams=("T4",), called={"mention": "E1", "click": "T4"}),
    User(
        id="W42", team="T4", name="Ivo", enterprise="E1", teams=("T4",), is_restricted=True,
        called={"mention": "E1", "click": "T4"},
    ),
)  # fmt: skip
T1, T2 = ("U1", "U2", "U3"), ("U21", "U22")
CHANNELS = (
    Channel(
        id="C1", team="T1", name="general",
        members=(*T1, "UBOT1", "U21", "U23", "U4", "U5"),  # U21 and U23 by Slack Connect
    ),
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
    Channel(id="C31", team="T3", name="grid-general", members=("W31", "W32", "UBOT3")),
    Channel(id="C41", team="T4", name="grid-ops", members=("W31", "W32", "UBOT4")),
    Channel(id="D31", team="T3", kind="im", user="W31", members=("W31", "UBOT3")),
    Channel(id="D32", team="T3", kind="im", user="W32", members=("W32", "UBOT3")),
)  # fmt: skip
GROUPS = (
    Group(id="S1", team="T1", handle="oncall", users=("U1", "U2")),
    Group(id="S2", team="T1", handle="leads", users=("U3",)),
)
