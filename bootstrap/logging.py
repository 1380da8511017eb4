"""One line for each event, for people or as JSON, on standard error."""

import logging
import sys

import msgspec
import structlog

from bootstrap.settings import Settings


def configure(settings: Settings) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_rendering(settings.log_format),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    # httpx names whole addresses in its lines, queries included. The Cassandra driver prints tracebacks of what we then
    # say in one line.
    for name, level in (("httpx", logging.WARNING), ("httpcore", logging.WARNING), ("cassandra", logging.CRITICAL)):
        logging.getLogger(name).setLevel(level)


def _rendering(log_format: str) -> list[structlog.typing.Processor]:
    if log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_json)]
    if sys.stderr.isatty():
        # Not the default formatter: it prints the locals of every frame, and with them secrets.
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    # Nobody is looking: the colourful renderer costs a fifth of a small request.
    return [
        structlog.processors.format_exc_info,
        structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False),
    ]


def _json(event: object, **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()
