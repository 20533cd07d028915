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

ASIDE = re.compile(r"!aside(?!\w)", re.I)
MAX_VAGUE = 4  # words that begin like a decision and may be meant as one; more are a sentence
TO_BOT = ("quiet", "listen")  # control words that need the bot's mention: people say them to one another
_IT = r"(?: (?:it|this|that|(?:(?:the|this) )?(?:current )?(?:task|run|agent|action)))?"
_NOW = "(?: (?:now|right now|at once|immediately))?"
_CONTROL: Mapping[str, re.Pattern[str]] = {
    **{
        word: re.compile(rf"(?:please )?(?:{said}){_IT}{_NOW}(?: please)?")
        for word, said in {"stop": "stop|cancel|abort|halt", "pause": "pause", "resume": "resume"}.items()
    },
    "status": re.compile("status"),
    "quiet": re.compile(
        "(?:please )?(?:(?:(?:be |stay )?(?:quiet|silent))|mute|stop (?:replying|responding))(?: please)?"
    ),
    "listen": re.compile("listen|unmute"),
}
_ALWAYS = re.compile(
    r"(?:always (?:allow|approve)|(?:allow|approve) always)(?: it| this| #?`?(?P<number>\d{1,9})`?)?", re.I
)
_YES: Mapping[str, str] = {
    **dict.fromkeys(("yes", "y", "yep", "yeah", "ok", "okay", "lgtm", "👍", "✅"), "approve"),
    **dict.fromkeys((":+1:", ":thumbsup:", ":white_check_mark:"), "approve"),  # as Slack writes them
    **dict.fromkeys(("no", "n", "nope", "👎", "❌", ":-1:", ":thumbsdown:", ":x:"), "deny"),
}
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]|:skin-tone-\\d:")
_EMOJI = re.compile(r":[\w+'-]+:")
_WHOLE = re.compile(r"(?P<marks>[*_~`]+)(?P<said>.+)(?P=marks)", re.S)  # emphasis of everything that is said
_SCOPE = re.compile(r"(?:yes )?always(?: (?:allow|approve|yes))?|(?:allow|yes) always|allow(?: (?:it|this|once))?")


def line_of(said: IncomingMessage, by_requester: bool = False, right_after: bool = False) -> Line:
    """`right_after`: nobody has said anything since the card or answer of the bot's that it may be about."""
    text, words = unaddressed(said.text), words_of(said)
    alone = not (said.files or (said.about and not said.replies))
    decided = _decision(words) if alone else {}
    return Line(
        text=text,
        control=control_word(words, said.mentioned) if alone else "",
        **decided,
        aside=ASIDE.match(text) is not None,
        mentioned=said.mentioned,
        to_others=said.to_others,
        to_us=bool(said.answers),
        right_after=right_after,
        by_requester=by_requester,
    )


def words_of(said: IncomingMessage) -> str:
    """What is said, without the bot's mention before or behind it."""
    return unaddressed(said.unnamed or said.text)


def control_word(text: str, mentioned: bool = True) -> str:
    """The control word that a text is, in all its habits; empty where it says more than that."""
    said = _words(text)
    found = next((word for word, pattern in _CONTROL.items() if pattern.fullmatch(said)), "")
    return "" if found in TO_BOT and not mentioned else found


def _words(text: str) -> str:
    """In small letters, without emphasis, full stops, emoji and the slash command before them."""
    bare = text.strip().removeprefix(str(SLASH)).removeprefix(AGENT)
    return " ".join(re.sub(r"[^\w\s]|_", " ", _EMOJI.sub(" ", bare)).casefold().split())


def _decision(text: str) -> dict[str, str | bool]:
    """`approve [n]`, `deny [n][: why]`, yes or no; empty for anything else. `always` and the like are no decision:
    what they allow is chosen by a button."""
    text = found["said"] if (found := _WHOLE.fullmatch(text)) else text
    said = _SKIN.sub("", text).strip().rstrip(".!").casefold()
    if word := _YES.get(said):
        return {"decision": word, "loosely": True}
    if always := _ALWAYS.fullmatch(" ".join(text.rstrip(".!").split())):
        return {"decision": "always", "number": always["number"] or ""}
    if _SCOPE.fullmatch(said):
        return {"decision": "approve", "vaguely": True}
    for whole in (text, text.rstrip(".!")):
        typed = parse(whole)
        try:
            words = parse_decision(typed.word, typed.rest)
        except Rejected:
            continue
        if typed.word in ("approve", "deny") and (not words.task or is_an_id(words.task)):
            return {"decision": typed.word, "number": words.number, "task": words.task, "reason": words.reason}
    word = parse(text.rstrip(".!?")).word
    if word in ("approve", "deny") and len(text.split()) <= MAX_VAGUE:
        return {"decision": word, "vaguely": True}
    return {}
