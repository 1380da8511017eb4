"""One line for each event, for people or as JSON."""

import logging

import structlog

from bootstrap.settings import Settings


def configure(settings: Settings) -> None:
    rendered: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    # JSON has the trace as text; the console renderer draws it itself.
    traced = [structlog.processors.format_exc_info] if settings.log_format == "json" else []
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *traced,
            rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    # httpx names whole addresses in its lines, queries included.
    for name in ("httpx", "httpcore", "cassandra"):
        logging.getLogger(name).setLevel(logging.WARNING)
