"""Every test of the client may ask for `ui`, the Qt event loop that runs coroutines."""

from tests.support.qt_loop import qt_loop, ui

__all__ = ["qt_loop", "ui"]
