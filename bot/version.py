"""Which version of Threadwork this is."""

from importlib import metadata


def version() -> str:
    """As it was installed: of the newest tag, as setuptools-scm makes it; "unknown" in a checkout never installed."""
    try:
        return metadata.version("threadwork")
    except metadata.PackageNotFoundError:
        return "unknown"
