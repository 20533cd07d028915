"""Buttons, and the forms that some open. Every click is answered.

A button that asks first carries `ask:` before its press; the answer to it has buttons with `yes:` and `no:`. One
with `more:` shows those behind it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog

from threadwork.adapters.chat.background import refusal
from threadwork.adapters.discord.cards.components import ASK, MORE
from threadwork.adapters.discord.inbound.attachments import attachments
from threadwork.adapters.discord.inbound.commands import open_start
from threadwork.adapters.discord.inbound.interaction import Interaction
from threadwork.adapters.discord.modals import home
from threadwork.adapters.discord.modals.confirmation import NO, YES, cancelled, confirmation, more
from threadwork.adapters.discord.modals.details import answer_file, details
from threadwork.adapters.discord.modals.forms import (
    FORM,
    START,
    Asked,
    entered,
    form,
    given,
    started,
    typed_back,
    uploaded,
)
from threadwork.adapters.discord.modals.responses import Content, response
from threadwork.workflows.buttons import DECISIONS, OPENING, Click, Verb
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import ButtonClick, Inbound, Response, StartForm, StartSubmitted

DECIDED = "Nothing is left to decide here: somebody was faster, it was withdrawn, or its time ran out."
FAILED = "That did not work in time, and nothing was changed. Press the button again."
FORM_TIMEOUT = 2.0  # seconds for what a form shows: what opens it lives for three

log = structlog.get_logger(__name__)


async def click(interaction: Interaction) -> None:
    chosen = interaction.data.get("values") or [interaction.data.get("custom_id") or ""]  # of a select; else a button
    pressed = str(chosen[0])
    if pressed.startswith(home.HOME):
        await _at_home(interaction, pressed)
        return
    before = next((one for one in (*BEFORE, YES) if pressed.startswith(one)), "")
    try:
        clicked = Click.decode(pressed.removeprefix(before))
    except Rejected as error:
        await interaction.tell(Response(text=str(error), tone="warning"))
        return
    if before in BEFORE:
        await BEFORE[before](interaction, clicked)
    elif clicked.verb in OPENING:
        await OPENERS.get(clicked.verb, _form)(interaction, clicked)
    else:
        await interaction.handle(ButtonClick(source=interaction.source, press=clicked), here=before == YES)


async def _at_home(interaction: Interaction, pressed: str) -> None:
    """A form to start a task, with an agent chosen perhaps; else it is drawn anew."""
    if pressed.startswith(home.START):
        await open_start(interaction, StartForm(goal="", agent=pressed.removeprefix(home.START)))
    else:
        await interaction.redraw()


async def _asked(interaction: Interaction, question: Content) -> None:
    """Where everything is in one picture the question takes its place, and Cancel leads back."""
    if interaction.at_home:
        await interaction.instead(home.back_home(question))
    else:
        await interaction.say(question)


async def _ask(interaction: Interaction, clicked: Click) -> None:
    """What is decided is named: its card may stand far above by now. Where it was decided, the answer says by whom."""
    if clicked.verb not in DECISIONS:
        await _asked(interaction, confirmation(clicked))
        return
    try:
        card = await _looked_up(interaction, clicked)
    except Exception as error:
        await _not_shown(interaction, error)
    else:
        if isinstance(card, ApprovalCard):
            await _asked(interaction, confirmation(clicked, card))
        else:
            await interaction.handle(ButtonClick(source=interaction.source, press=clicked))


async def _more(interaction: Interaction, clicked: Click) -> None:
    await interaction.say(more(clicked))


async def _cancel(interaction: Interaction, clicked: Click) -> None:
    await interaction.instead(cancelled())


BEFORE: dict[str, Callable[[Interaction, Click], Awaitable[None]]] = {ASK: _ask, MORE: _more, NO: _cancel}


# --- forms ---------------------------------------------------------------------------------------------


async def _form(interaction: Interaction, clicked: Click) -> None:
    """A form is the first response, so what it shows must come in time."""
    try:
        card = await _looked_up(interaction, clicked)
        if card is None:
            raise Rejected(DECIDED)
        window = form(clicked, card)
    except Exception as error:
        await _not_shown(interaction, error)
    else:
        await interaction.open(window)


async def _looked_up(interaction: Interaction, clicked: Click) -> Asked:
    async with asyncio.timeout(FORM_TIMEOUT):
        return await interaction.context.views.card(interaction.source, clicked)


async def _not_shown(interaction: Interaction, error: Exception) -> None:
    log.info("discord_form_not_opened", why=type(error).__name__)
    text = FAILED if isinstance(error, TimeoutError) else refusal(error)
    await interaction.tell(Response(text=text, tone="warning"))


async def _amount(interaction: Interaction, clicked: Click) -> None:
    """The card says more where it comes in time, and need not be there any more."""
    card = None
    with suppress(Exception):
        card = await _looked_up(interaction, clicked)
    await interaction.open(form(clicked, card))


async def _bad(interaction: Interaction, clicked: Click) -> None:
    """What was pressed counts at once; the form asks why."""
    wanted = ButtonClick(source=interaction.source, press=clicked)
    interaction.context.work.go_on(interaction.context.receiver.receive(wanted))
    await interaction.open(form(clicked))


async def _look(interaction: Interaction, clicked: Click) -> None:
    """No form either: Discord's show no long texts. The bot answers with the arguments, to this person alone."""
    await interaction.handle(ButtonClick(source=interaction.source, press=clicked))


async def _details(interaction: Interaction, clicked: Click) -> None:
    """No form: nothing is filled in."""
    await interaction.later()
    try:
        told = await interaction.context.views.details(interaction.source, clicked.task_id)
    except Exception as error:
        await interaction.show(response(Response(text=refusal(error), tone="warning")))
    else:
        await interaction.show(details(told), answer_file(told))


OPENERS: dict[Verb, Callable[[Interaction, Click], Awaitable[None]]] = {
    "details": _details,
    "add_amount": _amount,
    "bad": _bad,
    "look": _look,
}


# --- what was filled in --------------------------------------------------------------------------------


async def submitted(interaction: Interaction) -> None:
    """A form is closed by then: what cannot be used is told, with what was typed, so that it is not lost."""
    kind, _, rest = str(interaction.data.get("custom_id") or "").partition(":")
    make = SUBMISSIONS.get(f"{kind}:", _unknown)
    typed = typed_back(interaction.data)
    await interaction.handle(make(interaction, rest), typed=typed)


async def _start(interaction: Interaction, about: str) -> StartSubmitted:
    source = interaction.source
    if about and not source.sink.thread:
        source = source.model_copy(update={"sink": source.sink.model_copy(update={"thread": about})})
    files = await attachments(interaction.context.rest, uploaded(interaction.data))
    return StartSubmitted(source=source, form=started(entered(interaction.data), files))


async def _filled(interaction: Interaction, encoded: str) -> ButtonClick:
    button = Click.decode(encoded)
    values = entered(interaction.data)
    card = await interaction.context.views.card(interaction.source, button) if button.verb == "edit" else None
    if button.verb == "edit" and card is None:
        raise Rejected(DECIDED)
    return ButtonClick(source=interaction.source, press=button, given=given(button, values, card))


async def _unknown(interaction: Interaction, rest: str) -> Inbound:
    raise Rejected("This form belongs to another version of Threadwork.", "Open it again.")


Submission = Callable[[Interaction, str], Coroutine[Any, Any, Inbound]]
SUBMISSIONS: dict[str, Submission] = {START: _start, FORM: _filled}
