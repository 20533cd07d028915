"""What is promised of a thread, whatever happened to who delivered it."""

from collections import Counter

from tests.adapters.ports.delivery_rounds import Round
from tests.adapters.ports.delivery_stage import Stage


async def played(stage: Stage, rounds: list[Round]) -> None:
    with stage.lit():
        try:
            await stage.begin()
            for step in rounds:
                await stage.play(step)
            await stage.settle()
            _stands_as_promised(stage, raced=any(step.by != "the same" for step in rounds))
            await _costs_nothing_more(stage)
        finally:
            await stage.close()


def _stands_as_promised(stage: Stage, raced: bool) -> None:
    standing, parts = stage.ground.standing(), stage.parts()
    found = [one.mark for one in standing]
    assert Counter(found) + Counter(stage.may_be_missing() - {*found}) == Counter([*parts])
    if not stage.disturbed:
        assert found == stage.order
    if not raced:
        assert [mark for mark in found if _card(mark) not in map(_card, stage.gone)] == _by_card(stage, found)
    (root,) = (one.message_id for one in standing if one.mark.endswith("/status/0"))
    for one in standing:
        assert one.root == ("" if "/status/" in one.mark else root)
        file = parts[one.mark].file
        assert one.files == ((file.name,) if file else ())


def _by_card(stage: Stage, found: list[str]) -> list[str]:
    """The parts of each card in order."""
    kept = [mark for mark in found if _card(mark) not in map(_card, stage.gone)]
    numbers = {card: iter(sorted(int(mark.rpartition("/")[2]) for mark in kept if _card(mark) == card))
               for card in map(_card, kept)}  # fmt: skip
    return [f"{_card(mark)}/{next(numbers[_card(mark)])}" for mark in kept]


def _card(mark: str) -> str:
    return mark.rpartition("/")[0]


async def _costs_nothing_more(stage: Stage) -> None:
    before = stage.ground.tries()
    await stage.show()
    assert stage.ground.tries() == before
    posts, _ = before
    assert posts <= stage.most_posts
