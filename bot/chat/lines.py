"""Lines in a task's thread, as manners see them: whether one is a control word or a decision in full. Pure."""

import re
from collections.abc import Mapping

from threadwork.bot.chat.exact_words import parse_decision
from threadwork.bot.chat.messages import unaddressed
from threadwork.bot.chat.words import is_an_id, parse
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import IncomingMessage
from threadwork.workflows.manners import Line
from threadwork.workflows.slash_name import AGENT, SLASH

ASIDE = "!aside"
MAX_VAGUE = 4  # words that begin like a decision and may be meant as one; more are a sentence
TO_BOT = ("quiet", "listen")  # control words that need the bot's mention: people say them to one another
_IT = r"(?: (?:it|this|that|now|task|the task|this task|the run|the agent))?(?: now)?"
_CONTROL: Mapping[str, re.Pattern[str]] = {
    word: re.compile(rf"(?:please )?(?:{said}){_IT}(?: please)?")
    for word, said in {"stop": "stop|cancel|abort|halt", "pause": "pause", "resume": "resume"}.items()
} | {word: re.compile(word) for word in ("status", *TO_BOT)}
_ALWAYS = re.compile(
    r"(?:always (?:allow|approve)|(?:allow|approve) always)(?: it| this| #?`?(?P<number>\d{1,9})`?)?", re.I
)
_YES: Mapping[str, str] = {
    **dict.fromkeys(("yes", "yep", "yeah", "ok", "okay", "lgtm", "👍", "✅"), "approve"),
    **dict.fromkeys(("no", "nope", "👎", "❌"), "deny"),
}


def line_of(said: IncomingMessage, by_requester: bool = False, right_after: bool = False) -> Line:
    """`right_after`: nobody has said anything since the card or answer of the bot's that it may be about."""
    text = unaddressed(said.text)
    alone = not (said.files or said.about)
    decided = _decision(text) if alone else {}
    return Line(
        text=text,
        control=control_word(text, said.mentioned) if alone else "",
        **decided,
        aside=text.casefold().startswith(ASIDE),
        mentioned=said.mentioned,
        to_others=said.to_others,
        to_us=bool(said.answers),
        right_after=right_after,
        by_requester=by_requester,
    )


def control_word(text: str, mentioned: bool = True) -> str:
    """The control word that a text is, in all its habits; empty where it says more than that."""
    said = _words(text)
    found = next((word for word, pattern in _CONTROL.items() if pattern.fullmatch(said)), "")
    return "" if found in TO_BOT and not mentioned else found


def _words(text: str) -> str:
    """In small letters, without emphasis, full stops, emoji and the slash command before them."""
    bare = text.strip().removeprefix(str(SLASH)).removeprefix(AGENT)
    return " ".join(re.sub(r":\w+:|[^\w\s]|_", " ", bare).casefold().split())


def _decision(text: str) -> dict[str, str | bool]:
    """`approve [n]`, `deny [n][: why]`, yes or no; empty for anything else."""
    if word := _YES.get(text.strip().rstrip(".!").casefold()):
        return {"decision": word, "loosely": True}
    if always := _ALWAYS.fullmatch(" ".join(text.rstrip(".!").split())):
        return {"decision": "always", "number": always["number"] or ""}
    for whole in (text, text.rstrip(".!")):
        found = parse(whole)
        try:
            words = parse_decision(found.word, found.rest)
        except Rejected:
            continue
        if found.word in ("approve", "deny") and (not words.task or is_an_id(words.task)):
            return {"decision": found.word, "number": words.number, "task": words.task, "reason": words.reason}
    word = parse(text.rstrip(".!?")).word
    if word in ("approve", "deny") and len(text.split()) <= MAX_VAGUE:
        return {"decision": word, "vaguely": True}
    return {}
