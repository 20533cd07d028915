"""All that a message says, in Discord's markup: its content, embeds and components; and what is forwarded with it."""

from collections.abc import Iterator, Sequence

from threadwork.adapters.discord.inbound.payload import Json

TEXT = 10  # type of a component that is text
FORWARD = 1  # type of a reference to a message that is forwarded


def content(message: Json) -> str:
    """Without what is forwarded."""
    embeds = (_embed(one) for one in message.get("embeds") or ())
    return "\n".join(filter(None, (str(message.get("content") or ""), *embeds, *_texts(message.get("components")))))


def snapshots(message: Json) -> list[Json]:
    """What is forwarded with it. Discord tells no author."""
    if (message.get("message_reference") or {}).get("type") != FORWARD:
        return []
    return [one["message"] for one in message.get("message_snapshots") or () if one.get("message")]


def says_something(message: Json) -> bool:
    return bool(content(message).strip() or message.get("attachments") or snapshots(message))


def _embed(embed: Json) -> str:
    title = " ".join(filter(None, (str(embed.get("title") or ""), str(embed.get("url") or ""))))
    fields = (f"{one.get('name')}: {one.get('value')}" for one in embed.get("fields") or ())
    author, footer = ((embed.get(part) or {}) for part in ("author", "footer"))
    told = (author.get("name"), title, embed.get("description"), *fields, footer.get("text"))
    return "\n".join(str(one) for one in told if one)


def _texts(components: Sequence[Json] | None) -> Iterator[str]:
    for one in components or ():
        if one.get("type") == TEXT and one.get("content"):
            yield str(one["content"])
        yield from _texts(one.get("components"))
