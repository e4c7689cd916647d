"""connect(): the one way to join a signal to a method; bound methods of QObjects only."""

from collections.abc import Callable

from PySide6.QtCore import QMetaObject, QObject, Qt, SignalInstance

from shared.kernel.errors import Bug


def connect(
    signal: SignalInstance,
    method: Callable[..., object],
    kind: Qt.ConnectionType = Qt.ConnectionType.AutoConnection,
) -> QMetaObject.Connection:
    """Join `signal` to a bound method of a QObject; raises Bug for anything else.

    A lambda or partial keeps its widget alive for ever and runs in the sender's thread; a bound
    method of a QObject does neither.
    """
    owner = getattr(method, "__self__", None)
    if not isinstance(owner, QObject):
        message = f"connect() takes a bound method of a QObject, not {method!r}"
        raise Bug(message)
    connection = signal.connect(method, kind)
    if not isinstance(connection, QMetaObject.Connection):
        message = f"{signal!r} could not be joined to {method!r}"
        raise Bug(message)
    return connection


def disconnect(signal: SignalInstance, method: Callable[..., object]) -> None:
    """Part a method from a signal it was joined to."""
    signal.disconnect(method)
