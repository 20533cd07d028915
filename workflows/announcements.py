"""Texts that only say what comes next. They end no task where there are tools to do it with.

Who is nudged for an answer loses one call; whose announcement is taken for an answer loses the task. So what may be
either is told apart by whether anything stands in it but announcements."""

import re
import unicodedata

MAX_ANNOUNCEMENT = 600  # characters: whoever writes more has answered
FENCE = "```"
COLONS = (":", "：")
QUESTION_MARKS = ("?", "？")

DOING = (
    r"(?:check|look|read|search|find|fetch|get|open|run|start|begin|take|list|query|call|use|see|examine|inspect|review|"
    r"retrieve|gather|collect|create|write|update|try|explore|analy[sz]e|verify|pull|load|scan|do|go|investigate|proceed|"
    r"continue|help|access|browse|download|invoke|execute|work|study|test|compare|count|send|make|set|prepare|save|add|"
    r"dig|consult|first|now)\b"
)
SOON = r"(?:will|['’]ll|['’]m going to|am going to|need to|should|must|have to|want to|would like to|['’]d like to)"
FIRST = r"(?:first|next|now|then|afterwards|after that|once (?:that|this|it) is (?:done|there))(?: of all)?,? "
BEGINNINGS = (
    rf"(?:{FIRST})?(?:i ?{SOON}|let me|let us|let['’]s|i['’]m now|going to) (?:\w+ ){{0,3}}?{DOING}",
    rf"{FIRST}i {DOING}",
    rf"to (?:do|answer|find|check|solve|begin|start)\b.*,? (?:i ?{SOON}|let me|let['’]s)",
    r"ich (?:werde|schaue|lese|prüfe|suche|öffne|hole|beginne|starte|sehe (?:mir|nach|zuerst|jetzt)|"
    r"muss (?:zuerst|erst))\b",
    r"(?:lass(?:en sie)?|lasst) (?:mich|uns)\b",
    r"(?:zuerst|zunächst|als erstes|als nächstes|jetzt|nun|dann) "
    r"(?:werde|schaue|sehe|lese|prüfe|suche|öffne|hole|muss) ich\b",
    r"(?:d['’]abord|ensuite|maintenant)?,? ?(?:je vais|laisse[zr]?[- ]moi|permettez-moi)\b",
    r"(?:primero|ahora|luego)?,? ?(?:voy a|déjame|permíteme|vamos a)\b",
    r"(?:primeiro|agora)?,? ?(?:vou|deixe-me|deixa-me)\b",
    r"(?:prima|ora)?,? ?(?:fammi|lasciami|vado a|controllo|leggo)\b",
)
ANNOUNCED = re.compile("|".join(BEGINNINGS), re.IGNORECASE)
FILLER = re.compile(
    r"(?:okay|ok|sure|certainly|of course|absolutely|alright|all right|right|great|thanks|thank you|got it|understood|"
    r"gut|gerne|klar|natürlich|verstanden|in ordnung|d['’]accord|bien sûr|claro|vale)(?:[,.! ].{0,40})?$|"
    r"(?:one|just a|give me a) (?:moment|second|minute)|please (?:wait|hold)|hold on|"
    r"this (?:may|might|will|should) (?:take|help|give|let|tell|show)|einen moment|un instant|un momento",
    re.IGNORECASE,
)
OPENER = re.compile(r"(?:okay|ok|sure|certainly|alright|great|gut|gerne|klar|natürlich|claro|d['’]accord)[,!:]? ", re.I)
OTHERWISE = re.compile(
    r"\b(?:not|never|cannot|unable|know|because|nicht|kein\w*|dass|nie|pas|no puedo)\b|n['’]t\b|: \S", re.I
)
LIST = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE)
WRITTEN_CALL = re.compile(
    r"(?:```\w*\s*)?(?:<(?:tool_call|function_call|function=|invoke |\|python_tag)|\[TOOL_CALLS\]|<｜tool)"
)
SENTENCE = re.compile(r"(?<=[.!…])\s+|\n+")


def announces(text: str) -> bool:
    """Whether a text without a call is no answer: it ends in a colon, is a call written as text, or nothing but
    announcements stand in it."""
    said = text.strip()
    if WRITTEN_CALL.match(said):
        return True
    if FENCE in said or said.endswith(QUESTION_MARKS):
        return False
    if said.endswith(COLONS):
        return True
    if len(said) > MAX_ANNOUNCEMENT or LIST.search(said):
        return False
    sentences = [OPENER.sub("", sentence, count=1) for sentence in SENTENCE.split(said)]
    said_so = [_announced(sentence) for sentence in sentences]
    return any(said_so) and all(yes or FILLER.match(one) for yes, one in zip(said_so, sentences, strict=True))


def is_blank(text: str) -> bool:
    """Whether nobody sees anything of it: spaces, line breaks, and characters without a width."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)


def _announced(sentence: str) -> bool:
    return bool(ANNOUNCED.match(sentence)) and not OTHERWISE.search(sentence)
