"""A thread comes into being, by the bot or by a person."""

import time

from tests.fake_discord.seed_data import PUBLIC_THREAD, Channel
from tests.fake_discord.state import THREAD_CREATED, Message
from tests.fake_discord.world import World

STARTER = 21  # type of the message that stands for the root in its thread


def opened_on(world: World, root: Message, name: str, owner: str, minutes: int = 1440) -> Channel:
    """On a message: the thread has its id, and begins with a message that refers to it."""
    parent = world.state.channels[root.channel]
    made = _made(world, parent, root.id, name, owner, PUBLIC_THREAD, minutes)
    starter = world.state.add(channel=made.id, author=owner, type=STARTER, refers_to=root.id)
    world.events.edited(root)  # it has a thread now
    world.events.said(starter)
    return made


def opened(world: World, parent: Channel, name: str, owner: str, type_: int = PUBLIC_THREAD, minutes: int = 1440,
           ) -> Channel:  # fmt: skip
    """Without a message: the parent channel says so, where everybody may know."""
    made = _made(world, parent, world.state.id(), name, owner, type_, minutes)
    if type_ == PUBLIC_THREAD and parent.type != 15:
        world.events.said(
            world.state.add(channel=parent.id, author=owner, type=THREAD_CREATED, content=name, refers_to=made.id)
        )
    return made


def _made(world: World, parent: Channel, id_: str, name: str, owner: str, type_: int, minutes: int) -> Channel:
    given = {"id": id_, "guild": parent.guild, "name": name, "type": type_, "parent": parent.id, "owner": owner}
    made = Channel.model_validate({**given, "joined": (owner,), "since": time.time(), "minutes": minutes})
    world.state.channels[id_] = made
    world.events.thread("THREAD_CREATE", made)
    return made
