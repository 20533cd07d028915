"""Where a window could open."""

import pytest

from threadwork.bot.cli.browser import has_browser


@pytest.mark.parametrize(
    ("environment", "system", "there"),
    [
        ({}, "linux", False),  # what Python would find are browsers in this terminal
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "darwin", False),
        ({"BROWSER": "code --open", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "linux", True),
    ],
)
def test_a_browser_is_where_a_window_is(environment: dict[str, str], system: str, there: bool) -> None:
    assert has_browser(environment, system) is there
