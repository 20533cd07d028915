"""Roles of people on a server."""

import pytest

from tests.adapters.discord.small_discord import GUILD, No, SmallDiscord
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.directory import DiscordDirectory
from threadwork.workflows.errors import ChatUnavailable, SinkGone
from threadwork.workflows.values import LOCAL, Principal

ANNA = Principal(platform="discord", workspace=GUILD, user_id="41", name="Anna")
BEN = ANNA.model_copy(update={"user_id": "42"})


async def test_a_person_has_their_roles_by_id_and_by_name(rest: Rest, discord: SmallDiscord) -> None:
    discord.members = {"41": ["71"], "42": ["71", "72"]}
    directory = DiscordDirectory(rest)
    assert await directory.groups(ANNA) == ("role:71", "role:ops")
    assert await directory.groups(BEN) == ("role:71", "role:ops", "role:72", "role:all hands")


async def test_on_several_servers_a_role_is_known_by_its_id_alone(rest: Rest, discord: SmallDiscord) -> None:
    """Else anybody could invite the bot to a server of their own, and be `role:ops` there."""
    discord.members, discord.guilds = {"41": ["71"]}, [GUILD, "502"]
    assert await DiscordDirectory(rest).groups(ANNA) == ("role:71",)


async def test_strangers_have_none(rest: Rest, discord: SmallDiscord) -> None:
    directory = DiscordDirectory(rest)
    assert await directory.groups(ANNA) == ()
    for stranger in (LOCAL, ANNA.model_copy(update={"workspace": "501"}), ANNA.model_copy(update={"workspace": ""})):
        assert await directory.groups(stranger) == ()
    assert await directory.groups(ANNA.model_copy(update={"user_id": "../roles"})) == ()


async def test_what_is_known_is_not_asked_again_for_a_while(rest: Rest, discord: SmallDiscord) -> None:
    discord.members = {"41": ["71"]}
    directory = DiscordDirectory(rest)
    for _ in range(3):
        await directory.groups(ANNA)
    assert len(discord.calls) == 3
    forgetful = DiscordDirectory(rest, keep=0)
    discord.members = {"41": []}
    assert await forgetful.groups(ANNA) == ()


async def test_while_discord_does_not_answer_nobody_is_said_to_have_none(rest: Rest, discord: SmallDiscord) -> None:
    for refusal, error in ((No(500, 0), ChatUnavailable), (No(403, 50_013), SinkGone)):
        discord.before = lambda method, path, refusal=refusal: refusal  # type: ignore[misc]
        with pytest.raises(error):
            await DiscordDirectory(rest).groups(ANNA)


@pytest.mark.parametrize("server", [GUILD, ""])
async def test_members_of_the_server_are_members_also_in_direct_messages(
    rest: Rest, discord: SmallDiscord, server: str
) -> None:
    discord.members = {"41": []}
    directory = DiscordDirectory(rest)
    assert await directory.standing(ANNA.model_copy(update={"workspace": server})) == "member"
    assert await directory.standing(BEN.model_copy(update={"workspace": server})) == "external"


async def test_what_somebody_is_stays_unknown_while_discord_is_away(rest: Rest, discord: SmallDiscord) -> None:
    discord.before = lambda method, path: No(500, 0)
    with pytest.raises(ChatUnavailable):
        await DiscordDirectory(rest).standing(ANNA)
