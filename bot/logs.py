"""Where log lines go: to stderr, since stdout is for what was asked for; as JSON where no person reads along."""

import sys
from typing import TextIO

import structlog


def write_to(file: TextIO | None = None) -> None:
    """Call it once in a process, before anything is logged. None: stderr."""
    file = file or sys.stderr
    last = structlog.dev.ConsoleRenderer() if file.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        logger_factory=structlog.WriteLoggerFactory(file=file),
    )
