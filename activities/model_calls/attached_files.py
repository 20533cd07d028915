"""Files of a conversation as a model is shown them: images to models that see, PDFs as pages or as text."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from threadwork.activities.model_calls.conversation_units import BYTES, tokens
from threadwork.activities.model_calls.excerpts import head_and_tail
from threadwork.activities.model_calls.file_weights import Room, named, weight
from threadwork.activities.ports.models import FileReader
from threadwork.activities.ports.storage import Transcript
from threadwork.workflows import files
from threadwork.workflows.calls import Message
from threadwork.workflows.errors import NotFound
from threadwork.workflows.files import FILES, IMAGES, PDF, GivenFile, StoredFile
from threadwork.workflows.models import ModelFacts

CACHE_BYTES = 64_000_000  # bytes of files that are kept at hand, whatever task they are of
SHOWN, SHOWN_BYTES = 20, 12_000_000  # files and their bytes in one request: Gemini takes 20 MB of it, as base64
RETURNED = "Files that the tools above returned:"
BLIND = "[{name}: this model cannot see images]"
EARLIER = "[{name}: shown earlier, left out now]"
NO_ROOM = "[{name}: left out, no room in this model's window]"
UNREADABLE = "[{name}: it cannot be read]"

Body = dict[str, Any]


class Shown(NamedTuple):
    """How one file is shown: as a part of a message, or by a text."""

    part: Body | None = None
    text: str = ""


class Attached:
    """Stored files, made fit for models once."""

    def __init__(self, transcript: Transcript, reader: FileReader) -> None:
        self._transcript, self._reader = transcript, reader
        self._kept: OrderedDict[tuple[str, str], GivenFile] = OrderedDict()

    async def shown(self, task_id: str, messages: Sequence[Body], facts: ModelFacts, room: Room) -> tuple[Body, ...]:
        """The messages with their files as `facts` says that the model takes them; the newest, where all are too many
        or there is no `room`.

        What tools returned stands behind all results of the turn, as providers want nothing between those."""
        if not any(FILES in message for message in messages):
            return tuple(messages)
        seen = await self._all(task_id, messages, facts, room)
        out: list[Body] = []
        waiting: list[Body] = []
        for message in messages:
            if waiting and message["role"] != "tool":
                out.append(_returned(waiting))
                waiting = []
            parts, texts = _split(seen, message)
            plain = _saying({key: value for key, value in message.items() if key != FILES}, texts)
            if message["role"] == "tool":
                waiting += parts
            out.append(plain if message["role"] == "tool" or not parts else _with_parts(plain, parts))
        return (*out, _returned(waiting)) if waiting else tuple(out)

    async def weights(self, task_id: str, messages: Iterable[Body], facts: ModelFacts) -> dict[str, int]:
        """Tokens of each file, by ref, as the model would be shown it."""
        return {file.ref: await self._weight(task_id, file, facts) for message in messages for file in named(message)}

    async def _weight(self, task_id: str, file: StoredFile, facts: ModelFacts) -> int:
        if file.media_type != PDF or facts.pdf:
            return weight(file, facts)
        try:
            return tokens(await self._text(task_id, file))
        except (NotFound, KeyError, ValueError):
            return 0

    async def _all(self, task_id: str, messages: Sequence[Body], facts: ModelFacts, room: Room) -> dict[str, Shown]:
        """By ref; the newest first, for as long as there is room."""
        seen: dict[str, Shown] = {}
        fitting = room.taken(messages)
        left, free = SHOWN, SHOWN_BYTES
        for file in reversed([file for message in messages for file in named(message)]):
            if file.ref in seen:
                continue
            if file.ref not in fitting:
                seen[file.ref] = _without(NO_ROOM, file)
                continue
            shown = await self._one(task_id, file, facts, room.of_one) if left and free > 0 else _without(EARLIER, file)
            size = len(str(shown.part)) * 3 // 4 if shown.part else 0
            left, free = left - bool(shown.part), free - size
            seen[file.ref] = shown if free >= 0 else _without(EARLIER, file)
        return seen

    async def _one(self, task_id: str, file: StoredFile, facts: ModelFacts, each: int) -> Shown:
        """`each`: tokens that a PDF may have. Of one that has more a part is shown, as text."""
        if file.media_type in IMAGES and not facts.vision:
            return _without(BLIND, file)
        try:
            if file.media_type == PDF and not (facts.pdf and weight(file, facts) <= each):
                text = await self._text(task_id, file)
                return Shown(text=_fenced(file, head_and_tail(text, each * BYTES, _text_of(file))))
            found = await self._ready(task_id, file)
        except (NotFound, KeyError, ValueError):
            found = None
        return Shown(_part(found)) if found else _without(UNREADABLE, file)

    async def _ready(self, task_id: str, file: StoredFile) -> GivenFile | None:
        """The file as a provider takes it: made smaller once, and kept."""
        if (known := self._kept.get((task_id, file.ref))) is not None:
            self._kept.move_to_end((task_id, file.ref))
            return known
        ready = await self._stored(task_id, f"ready:{file.ref}")
        if ready is None:
            given = files.given((await self._transcript.get(task_id, file.ref)).body)
            ready = given if given.media_type == PDF else await self._reader.image(given)
            if ready is not None and ready.content != given.content:
                ready = await self._put(task_id, f"ready:{file.ref}", ready)
        if ready is not None:
            self._keep((task_id, file.ref), ready)
        return ready

    async def _text(self, task_id: str, file: StoredFile) -> str:
        """What a PDF says: read once."""
        ref = _text_of(file)
        try:
            return str((await self._transcript.get(task_id, ref)).body["content"])
        except NotFound:
            given = files.given((await self._transcript.get(task_id, file.ref)).body)
        text = await self._reader.text(given)
        await self._transcript.put(task_id, Message(ref=ref, kind="text", body={"content": text}))
        return text

    async def _stored(self, task_id: str, ref: str) -> GivenFile | None:
        try:
            return files.given((await self._transcript.get(task_id, ref)).body)
        except NotFound:
            return None

    async def _put(self, task_id: str, ref: str, file: GivenFile) -> GivenFile:
        await self._transcript.put(task_id, Message(ref=ref, kind="text", body=files.body(file)))
        return file

    def _keep(self, key: tuple[str, str], file: GivenFile) -> None:
        self._kept[key] = file
        while sum(len(one.content) for one in self._kept.values()) > CACHE_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)


def _text_of(file: StoredFile) -> str:
    return f"text:{file.ref}"


def _split(seen: dict[str, Shown], message: Body) -> tuple[list[Body], list[str]]:
    shown = [seen[file.ref] for file in named(message)]
    return [one.part for one in shown if one.part], [one.text for one in shown if one.text]


def _saying(message: Body, texts: Iterable[str]) -> Body:
    return message | {"content": "\n\n".join(filter(None, (message.get("content"), *texts)))}


def _with_parts(message: Body, parts: list[Body]) -> Body:
    text = [{"type": "text", "text": message["content"]}] if message.get("content") else []
    return message | {"content": [*text, *parts]}


def _returned(parts: list[Body]) -> Body:
    return _with_parts({"role": "user", "content": RETURNED}, parts)


def _part(file: GivenFile) -> Body:
    """In the OpenAI form, which LiteLLM turns into what the provider wants."""
    data = f"data:{file.media_type};base64,{files.body(file)['content']}"
    if file.media_type == PDF:
        return {"type": "file", "file": {"filename": file.name, "file_data": data}}
    return {"type": "image_url", "image_url": {"url": data}}


def _without(sentence: str, file: StoredFile) -> Shown:
    return Shown(text=_says(sentence, file))


def _says(sentence: str, file: StoredFile) -> str:
    return sentence.format(name=file.name)


def _fenced(file: StoredFile, text: str) -> str:
    return f"[{file.name}]\n{text}\n[end of {file.name}]" if text else _says(UNREADABLE, file)
