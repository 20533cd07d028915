"""A link for people: printed, and opened where there is a browser."""

import os
import sys
import webbrowser
from collections.abc import Mapping

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


def show(link: str, browser: bool) -> None:
    """`browser`: whether it may be opened. On stdout in any case: nobody is to depend on a window."""
    print(link, flush=True)  # noqa: T201
    if browser and sys.stdout.isatty() and has_browser(os.environ, sys.platform):
        webbrowser.open(link)


def has_browser(environment: Mapping[str, str], system: str) -> bool:
    """Whether a window could open here. `system`: as `sys.platform`. Browsers in a terminal would take it over."""
    if environment.get("BROWSER"):
        return True
    if system == "darwin":
        return not environment.get("SSH_CONNECTION")
    return any(environment.get(name) for name in DISPLAYS)
