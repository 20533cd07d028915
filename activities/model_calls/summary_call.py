"""A call for a summary: what it asks, and what is made of its answer."""

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.model_calls.conversation_facts import Recorder
from threadwork.activities.model_calls.conversation_units import BYTES, older, units
from threadwork.activities.model_calls.summaries import cut_to, excerpt, piece, request, stored, story, usable
from threadwork.activities.model_calls.window_fill import View
from threadwork.activities.model_calls.window_shares import MIN_ANSWER_TOKENS, found
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.call_requests import LLMRequest, LLMResult
from threadwork.workflows.calls import Message
from threadwork.workflows.memory import Compacted, Record, record_of
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.values import preview

RECORD = 2_400  # characters of the record that there is room for in all but the smallest window
SAYING = 200  # characters of one saying that are kept, however small the window


class Summing:
    """Summarises the oldest turns that fit one call; what may not be lost is taken down by code."""

    def __init__(self, ports: ActivityDependencies, config: RunConfig, asked: LLMRequest, view: View) -> None:
        self._ports = ports
        self._config = config
        self._request = asked
        self._view = view
        self._ref = f"said:{asked.call_id}"
        self._nothing = Compacted(since=asked.since)
        self._record = Record()
        self._before = self._fading = self._part = ""

    async def asked(self, blank: ModelRequest) -> ModelRequest | None:
        """The request for the summary. None: there is nothing older than the newest turns."""
        view, window, shares = self._view, self._view.window, self._view.shares
        turns = view.turns
        old = older(turns, shares.recent) or (older(turns, 0) if self._request.shortened else [])
        if not old:
            return None
        self._before = cut_to(str(view.memory.body.get("content", "")), window // 4) if view.memory else ""
        room = max(window // 8, window // 2 - len(self._before) // BYTES)
        taken = piece(old, room)
        self._part = story(taken, room)
        characters = max(shares.record * BYTES, min(RECORD, window))
        recorder = self._recorder()
        each = max(SAYING, characters // 4)
        record = (await self._earlier(recorder, each)).and_then(await recorder.read(taken, each))
        self._record, fading = record.within(characters)
        self._fading = cut_to("\n".join(fading), window // 8)
        self._since, self._more = turns[len(taken)].position, len(taken) < len(old)
        most = min(blank.max_output, max(MIN_ANSWER_TOKENS, window // 8))
        messages = request(cut_to(view.goal, window // 16), self._before, self._fading, self._part, most // 2)
        return blank.model_copy(update={"messages": messages, "tools": (), "max_output": most})

    def nothing(self) -> LLMResult:
        return LLMResult(outcome="ok", compacted=self._nothing, window=self._view.window)

    def answered(self, said: str, last: Delta) -> tuple[LLMResult, tuple[Message, ...]]:
        if usable(said, last):
            return self._result("summary", said)
        if self._request.again:
            return self._result("excerpt", self._excerpt(), said)
        return LLMResult(outcome="ok", text=preview(said), compacted=self._nothing), ()

    def failed(self, result: LLMResult) -> tuple[LLMResult, tuple[Message, ...]]:
        """No answer came. The second time head and tail stand in its place."""
        changes: dict[str, object] = {"compacted": self._nothing, "too_long": ""}
        messages: tuple[Message, ...] = ()
        if result.outcome == "overflow":
            changes["window"] = found(self._view.window, self._view.window, 1)
        if self._request.again:
            instead, messages = self._result("excerpt", self._excerpt())
            changes |= {"compacted": instead.compacted, "ref": instead.ref}
        return result.model_copy(update=changes), messages

    def _result(self, how: str, text: str, said: str | None = None) -> tuple[LLMResult, tuple[Message, ...]]:
        done = Compacted.model_validate(
            {"since": self._since, "ref": self._ref, "more": self._more, "how": how, "kept": self._record.kept()}
        )
        result = LLMResult(outcome="ok", text=preview(text if said is None else said), ref=self._ref, compacted=done)
        return result, (stored(self._ref, text, self._record.model_dump(mode="json")),)

    def _excerpt(self) -> str:
        return excerpt(self._before, self._fading, self._part, self._view.shares.summary)

    def _recorder(self) -> Recorder:
        ports = self._ports
        return Recorder(self._request.batch.task_id, self._config, ports.transcript, ports.calls, ports.events)

    async def _earlier(self, recorder: Recorder, each: int) -> Record:
        """Of what was summarised before. Older versions kept none: it is read from the turns, which are all there."""
        if self._view.memory is None:
            return Record()
        kept = record_of(self._view.memory.body)
        if kept is not None:
            return kept
        before = await self._ports.transcript.conversation(self._request.batch.task_id, before=self._request.since)
        return await recorder.read(units(before), each)
