"""Whether an error means that a server is away, so that the same may work later."""

from threadwork.bot.gateway import TemporalUnavailable


def is_away(error: BaseException) -> bool:
    """Temporal, or a connection to the database, however the driver wraps that: its class is not ours to import."""
    names = {kind.__name__ for kind in type(error).__mro__}
    wrapped = names & {"OperationalError", "InterfaceError"}
    return bool(wrapped) or isinstance(error, OSError | TimeoutError | TemporalUnavailable)
