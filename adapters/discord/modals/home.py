"""What is a person's own, in one picture, as a message that they alone see.

A message has five rows of buttons, and one text: a line that has no room is left out with its buttons, so that nothing
is pressed that is not shown."""

from collections.abc import Sequence

from threadwork.adapters.discord.cards.components import ROW, ROWS, Component, cut, rows
from threadwork.adapters.discord.cards.embeds import FIELD, NOBODY, embed
from threadwork.adapters.discord.cards.text import escaped, fitted, link, markdown
from threadwork.adapters.discord.cards.usage import typed_here
from threadwork.adapters.discord.modals.confirmation import NO
from threadwork.adapters.discord.modals.responses import Content
from threadwork.adapters.wording.card_words import amount, excerpt, one_line
from threadwork.adapters.wording.plain_words import plain
from threadwork.adapters.wording.thread_links import message_link
from threadwork.workflows.buttons import Button, Verb
from threadwork.workflows.inbound import Home, Item, Response
from threadwork.workflows.slash_name import SLASH

HOME = "home:"  # custom id of the button that draws it anew; it stands on nothing else
START = "home:start:"  # and how those begin that open the form for a task; an agent's name follows
LINE, ANSWER = 300, 160  # characters of a line, and of an answer's first lines
TEXT = 3_300  # characters of all lines: 4,096 are taken, of which some are for the rest
AGENTS, SUGGESTED, DESCRIPTION = 8, 3, 90  # agents named, those with a button, characters of a description
SAID = 400  # characters of what a click came to
MAX_NAME = 80  # characters of an agent's name in a button's id, which takes 100
DECIDING: frozenset[Verb] = frozenset({"approve", "deny"})
STEERING: frozenset[Verb] = frozenset({"pause", "resume", "stop"})


def home(home: Home, said: Response | None = None) -> Content:
    """`said`: what a click came to."""
    page = _Page()
    if said:
        page.lines += [f"{'⚠️ ' if said.tone == 'warning' else ''}{markdown(typed_here(excerpt(said.text, SAID)))}", ""]
    ended, running = bool(home.ended), bool(home.running)
    page.section("Waiting for you", _waiting(home), rows_left=ended + running)
    page.section("Your tasks", [(item, "", _some(item, STEERING)) for item in home.running], rows_left=int(ended))
    page.section("Ended lately", [(one.where, one.answer, one.where.buttons) for one in home.ended])
    if not page.number:
        page.lines.append(f"No task of yours is running. Start one here, or type `{SLASH} run` and a goal.")
    made = embed(page.lines, "busy" if running else "quiet", [("Agents you may ask", _agents(home))], _spent(home))
    return {"content": "", "embeds": [made], "components": [_top(home), *page.rows], "allowed_mentions": NOBODY}


def back_home(made: Content) -> Content:
    """A question that stands in its place: Cancel leads back."""
    changed = [{**row, "components": [_cancelling(one) for one in row["components"]]} for row in made["components"]]
    return {**made, "components": changed}


def _cancelling(one: Component) -> Component:
    return {**one, "custom_id": HOME} if str(one["custom_id"]).startswith(NO) else one


def is_home(message: object) -> bool:
    """Whether an interaction's message is this one, or a question in its place."""
    held = message if isinstance(message, dict) else {}
    parts = (one for row in held.get("components") or () for one in row.get("components") or ())
    return any(one.get("custom_id") == HOME for one in parts)


Line = tuple[Item, str, Sequence[Button]]  # with what stands below it, and its buttons


class _Page:
    """Lines with numbers, and the buttons that belong to them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.rows: list[Component] = []
        self.number = 0

    def section(self, title: str, items: Sequence[Line], rows_left: int = 0) -> None:
        """As many of the items as have room; the others are counted. `rows_left`: rows that others are to have."""
        row = _Rows(ROWS - 1 - rows_left - len(self.rows))
        shown = [made for item, below, held in items if (made := self._taken(row, item, below, held))]
        if not items:
            return
        more = [f"… and {len(items) - len(shown)} more: `{SLASH} list`"] if len(shown) < len(items) else []
        self.lines += [*([""] if self.lines else []), f"**{title}**", *shown, *more]
        self.rows += [made for buttons in row.filled for made in rows(buttons)]

    def _taken(self, row: "_Rows", item: Item, below: str, held: Sequence[Button]) -> str:
        """Empty where it has no room."""
        made = f"{self.number + 1}. {_line(item, below)}"
        buttons = [one.model_copy(update={"label": f"{self.number + 1}. {one.label}"}) for one in _five(held)]
        if len(made) > self._room or not row.take(buttons):
            return ""
        self.number, self._room = self.number + 1, self._room - len(made)
        return made

    _room = TEXT


class _Rows:
    """Buttons of one line stand in one row."""

    def __init__(self, most: int) -> None:
        self.filled: list[list[Button]] = []
        self._most = most

    def take(self, buttons: Sequence[Button]) -> bool:
        """Whether there is room for them."""
        if buttons and (not self.filled or len(self.filled[-1]) + len(buttons) > ROW):
            if len(self.filled) == self._most:
                return False
            self.filled.append([])
        if buttons:
            self.filled[-1].extend(buttons)
        return True


def _five(buttons: Sequence[Button]) -> list[Button]:
    """The last one stays: it takes an answer that has no button."""
    return [*buttons[: ROW - 1], buttons[-1]] if len(buttons) > ROW else list(buttons)


def _line(item: Item, below: str) -> str:
    where = link(message_link(item.sink, item.message_id), "Open") if item.sink else ""
    said = markdown(excerpt(item.text, LINE)).replace("\n", "\n  ")
    lines = (line for line in excerpt(plain(below), ANSWER, 3).split("\n") if line.strip())
    return "".join((said, f" · {where}" if where else "", *(f"\n> {escaped(line)}" for line in lines)))


def _waiting(home: Home) -> list[Line]:
    approvals = [(pending.where, "", _some(pending.where, DECIDING)) for pending in home.approvals]
    return [*approvals, *((item, "", item.buttons) for item in home.questions)]


def _some(item: Item, verbs: frozenset[Verb]) -> list[Button]:
    return [button for button in item.buttons if button.press.verb in verbs]


def _top(home: Home) -> Component:
    """The form is opened for the usual agent, which is the first one; a button each for the next."""
    named = [name for name, _ in home.agents[1 : 1 + SUGGESTED]]
    usual = home.agents[0][0] if home.agents and len(home.agents[0][0]) <= MAX_NAME else ""
    asks = [_button(f"Ask {name}", f"{START}{name}") for name in named if len(name) <= MAX_NAME]
    return {
        "type": 1,
        "components": [_button("Start a task", f"{START}{usual}", style=1), *asks, _button("Refresh", HOME)],
    }


def _button(label: str, custom_id: str, style: int = 2) -> Component:
    return {"type": 2, "style": style, "label": cut(label), "custom_id": custom_id}


def _agents(home: Home) -> str:
    lines = (f"**{escaped(one_line(name))}**{_about(told)}" for name, told in home.agents[:AGENTS])
    return fitted(lines, FIELD) if home.agents else ""


def _about(description: str) -> str:
    return f": {escaped(one_line(excerpt(description, DESCRIPTION)))}" if description.strip() else ""


def _spent(home: Home) -> str:
    day, week = amount(home.spent_day, "usd"), amount(home.spent_week, "usd")
    return f"Spent in the last 24 hours: {day}, in the last 7 days: {week}"
