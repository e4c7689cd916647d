"""What the server says about itself: log lines on standard error."""

import logging
import sys


def log_to_stderr(level: str) -> None:
    """Send all log lines from `level` up to standard error, one line each, with UTC-free stamps.

    The machine that runs the server adds its own time zone; lines carry local time.
    """
    logging.basicConfig(
        stream=sys.stderr,
        level=level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
