"""Where log lines go: to stderr, since stdout is for what was asked for; as JSON where no person reads along."""

import logging
import sys
from typing import TextIO

import structlog

_FIRST: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.format_exc_info,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class _FromLibraries(logging.StreamHandler[TextIO]):
    """Warnings of libraries, which log in Python's own way."""


def write_to(file: TextIO | None = None) -> None:
    """Call it once in a process, before anything is logged. None: stderr."""
    file = file or sys.stderr
    last = structlog.dev.ConsoleRenderer() if file.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(processors=[*_FIRST, last], logger_factory=structlog.WriteLoggerFactory(file=file))
    handler = _FromLibraries(file)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_FIRST],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(known for known in root.handlers if not isinstance(known, _FromLibraries)), handler]
