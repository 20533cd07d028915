"""Where tasks live, as columns that can be looked up."""

from workflows.chat import Sink


def place_of(sink: Sink) -> str:
    """The channel, whatever the thread: `platform:workspace:channel`."""
    return ":".join((sink.platform, sink.workspace, sink.channel))


def sink_at(place: str, thread: str) -> Sink:
    platform, workspace, channel = place.split(":", 2)
    return Sink(platform=platform, workspace=workspace, channel=channel, thread=thread)
