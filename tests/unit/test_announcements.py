"""What is nudged, and what ends a task as it stands."""

import pytest

from threadwork.workflows.announcements import announces, is_blank

ANNOUNCEMENTS = (
    "Let me read the thing first.",
    "I'll check the note.",
    "I’ll start by listing the notes.",
    "I will look into the invoices now.",
    "First, I need to open the file.",
    "First, I'll fetch the page. Then I'll summarise it for you:",
    "Okay, let me search for that.",
    "Sure! I'll go ahead and run the query.",
    "I'm going to write the report to the folder.",
    "Now let me check the second note.",
    "I'll help you with that. Let me read the note.",
    "Let me check the calendar. This may take a moment.",
    "I need to read the configuration before I can say anything.",
    "To answer this, I need to look at the logs.",
    "Here is what I will do:",
    "The notes are as follows:",
    "Ich werde zuerst die Notiz lesen.",
    "Lass mich kurz nachsehen.",
    "Zuerst lese ich die Datei. Einen Moment bitte.",
    "Je vais vérifier le fichier.",
    "Voy a revisar la nota.",
    '<tool_call>{"name": "notes__read", "arguments": {"name": "a"}}</tool_call>',
    '[TOOL_CALLS] [{"name": "notes__read", "arguments": {}}]',
)
ANSWERS = (
    "The note says hello.",
    "Let me know if you need anything else.",
    "I'll be brief: Berlin is the capital.",
    "I will not do that, as it would delete the invoices.",
    "I'll need your password, which I cannot look up.",
    "First, I opened the note. It says that the meeting is on Monday.",
    "Let me check. The note says hello.",
    "Let me explain: the invoice was paid twice.",
    "Which note do you mean?",
    "Let me read the note first, or shall I ask Bob?",
    "I should mention that the note is empty.",
    "I've read the note; nothing is left to do.",
    "Done: all three invoices are paid.",
    "I found two notes:\n- a\n- b",
    "Steps:\n1. Read the note.\n2. Tell Bob.",
    "```python\nfor note in notes:\n    print(note)\n```",
    "Let me show you:\n```sh\nls -l\n```",
    "I'll send no mail, because nobody asked for one.",
    "Ich sehe, dass die Notiz leer ist.",
    "Ich werde das nicht tun.",
    "Next steps for you are on page 3.",
    "It is 10:30.",
    "Yes.",
    "I will read it. " + "The note tells a long story of three people. " * 20,
)


@pytest.mark.parametrize("text", ANNOUNCEMENTS)
def test_a_text_that_only_announces_is_no_answer(text: str) -> None:
    assert announces(text)


@pytest.mark.parametrize("text", ANSWERS)
def test_a_text_with_anything_to_say_is_an_answer(text: str) -> None:
    assert not announces(text)


@pytest.mark.parametrize(("text", "blank"), [("", True), ("\n\n", True), ("\u200b \ufeff\t", True), (".", False)])
def test_what_nobody_sees_is_blank(text: str, blank: bool) -> None:
    assert is_blank(text) is blank
