"""What people are told of their accounts."""

from collections.abc import Sequence

from threadwork.bot.chat.lists import short
from threadwork.workflows.inbound import Response
from threadwork.workflows.platform_registry import title
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.values import Principal

PLACES = {"local": "terminal"}  # by platform, where its name says too little


def offered(code: str) -> Response:
    lines = [
        f"Your code is **{code}**. It works once, for ten minutes.",
        f"Type `{SLASH} link {code}` with your other account, or `threadwork link {code}` in a terminal.",
        "Whoever uses it acts as you: show it to nobody.",
    ]
    return Response(text="\n".join(lines))


def joined(accounts: Sequence[Principal]) -> Response:
    lines = [
        f"Linked: {_named(accounts)}.",
        "What one of them may do, all may; tasks and costs are shown together.",
        f"Is one of them not yours? `{SLASH} link off` ends it at once.",
    ]
    return Response(text="\n".join(lines))


def accounts(known: Sequence[Principal]) -> Response:
    if len(known) == 1:
        return Response(text=f"This account is linked with no other. `{SLASH} link` shows how to.")
    return Response(text=f"Your accounts: {_named(known)}.\n`{SLASH} link off` takes this one out.")


def parted(before: Sequence[Principal]) -> Response:
    if len(before) == 1:
        return Response(text="This account is linked with no other.")
    return Response(text="This account stands for itself again: what your other accounts may do, it may no longer.")


def _named(known: Sequence[Principal]) -> str:
    return ", ".join(f"{short(one.shown)} ({place(one)})" for one in known)


def place(one: Principal) -> str:
    """Where an account is, as people call it."""
    return PLACES.get(one.platform, title(one.platform))
