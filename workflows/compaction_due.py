"""When a conversation is summarised: by what share of the model's window it fills."""

COMPACT_AT = 0.75  # share of the model's window at which the conversation is summarised
FULL_AT = 0.85  # share at which it is before the call that would fill it, by our own estimate


def is_due(filled: int, window: int) -> bool:
    """Whether a conversation of so many tokens is summarised before the next call. `window`: tokens; 0: not known."""
    return bool(window) and filled > COMPACT_AT * window


def is_full(estimate: int, window: int) -> bool:
    """Whether a call of about so many tokens has to wait for a summary."""
    return estimate > FULL_AT * window
