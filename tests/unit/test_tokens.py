"""How many tokens there are, to the microsecond."""

from datetime import UTC, datetime, timedelta

import pytest

from threadwork.workflows.domain.tokens import SKEW, Tokens, full, needed, take
from threadwork.workflows.sinks import Bucket

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def bucket(per_minute=60.0, burst=4):
    return Bucket(key="k", per_minute=per_minute, burst=burst)


def taken(tokens, after=0.0, urgent=True, of=None):
    """The wait, and the tokens as they stand then."""
    wait, left = take({"k": of or bucket()}, {"k": tokens}, urgent, NOON + timedelta(seconds=after))
    return wait, left.get("k", tokens)


@pytest.mark.parametrize(
    ("burst", "urgent", "tokens"),
    [(40, False, 11), (4, False, 2), (2, False, 1.5), (1, False, 1), (1, True, 1), (40, True, 1), (0, False, 1)],
)
def test_what_can_wait_leaves_a_quarter_of_the_burst_but_a_full_bucket_always_gives(burst, urgent, tokens):
    assert needed(bucket(burst=burst), urgent) == tokens
    assert taken(full(bucket(burst=burst), NOON), urgent=urgent, of=bucket(burst=burst))[0] == 0


def test_a_token_comes_back_in_its_time_and_never_more_than_the_burst():
    assert taken(Tokens(0.0, NOON))[0] == 1
    assert taken(Tokens(0.0, NOON), after=0.25)[0] == 0.75
    assert taken(Tokens(0.0, NOON), after=1.0)[1] == Tokens(0.0, NOON + timedelta(seconds=1))
    assert taken(Tokens(0.0, NOON), after=3_600)[1].left == 3


def test_who_waits_as_long_as_told_gets_a_token():
    third = bucket(per_minute=7)
    tokens, after = full(third, NOON), 0.0
    for _ in range(50):
        wait, tokens = taken(tokens, after, of=third)
        if wait:
            after = round(after + wait, 6)
            wait, tokens = taken(tokens, after, of=third)
        assert wait == 0


def test_a_hold_lasts_as_long_as_it_was_meant_to_urgent_or_not():
    held = Tokens(4.0, NOON, NOON + timedelta(seconds=30))
    for urgent in (True, False):
        assert taken(held, after=10, urgent=urgent) == (20, held)
        assert taken(held, after=30, urgent=urgent)[0] == 0
    assert taken(Tokens(0.0, NOON, NOON + timedelta(seconds=0.5)))[0] == 1


def test_a_smaller_burst_counts_at_once():
    assert taken(Tokens(40.0, NOON))[1].left == 3


def test_two_clocks_that_differ_do_not_fill_the_same_seconds_twice():
    tokens = full(bucket(), NOON)
    got = 0
    for _ in range(20):
        for ahead in (0, 5):
            wait, tokens = taken(tokens, ahead)
            got += not wait
    assert got == 4 + 1  # the one that was missing when the clock ahead first looked
    assert taken(Tokens(0.0, NOON), after=-5)[0] == 5 + 1


def test_a_clock_that_was_set_back_does_not_stop_the_refill():
    behind = -SKEW - 1
    assert taken(Tokens(0.0, NOON), behind)[0] == 1
    wait, tokens = taken(Tokens(1.0, NOON), behind)
    assert (wait, tokens.at) == (0, NOON + timedelta(seconds=behind))


def test_a_bucket_that_never_fills_is_not_waited_for_without_end():
    assert taken(Tokens(0.0, NOON), of=bucket(per_minute=0))[0] == 6_000
