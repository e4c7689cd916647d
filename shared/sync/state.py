"""The states of a device's synchronisation, and which may follow which."""

from enum import StrEnum

from shared.kernel.states import StateTable


class SyncState(StrEnum):
    """What goes on between a device and its server."""

    STOPPED = "stopped"
    """Not running, or not enrolled."""
    OFFLINE = "offline"
    """The server cannot be reached; tried again by itself."""
    CONNECTING = "connecting"
    """A first answer is awaited."""
    PUSHING = "pushing"
    """Commands go up."""
    PULLING = "pulling"
    """Rows come down."""
    IDLE = "idle"
    """Both sides have everything; a nudge is awaited."""
    PAUSED = "paused"
    """A person stopped it."""
    REFUSED = "refused"
    """The server does not take this device's requests; a person must look. Tried again slowly."""
    FORKED = "forked"
    """This device is a copy or was put back: it must be paired anew. Nothing is lost."""
    REVOKED = "revoked"
    """Somebody shut this device out. Nothing is lost."""


_S = SyncState
_WORKING = frozenset({_S.CONNECTING, _S.PUSHING, _S.PULLING, _S.IDLE})
_TROUBLE = frozenset({_S.OFFLINE, _S.REFUSED, _S.FORKED, _S.REVOKED})
_ANY_TIME = frozenset({_S.STOPPED, _S.PAUSED})

SYNC_STATES = StateTable(
    "sync",
    SyncState,
    {
        _S.STOPPED: frozenset({_S.CONNECTING, _S.PAUSED}),
        _S.OFFLINE: _ANY_TIME | {_S.CONNECTING},
        _S.CONNECTING: _ANY_TIME | _TROUBLE | _WORKING,
        _S.PUSHING: _ANY_TIME | _TROUBLE | _WORKING,
        _S.PULLING: _ANY_TIME | _TROUBLE | _WORKING,
        _S.IDLE: _ANY_TIME | _TROUBLE | _WORKING,
        _S.PAUSED: frozenset({_S.STOPPED, _S.CONNECTING}),
        _S.REFUSED: _ANY_TIME | {_S.CONNECTING},
        _S.FORKED: _ANY_TIME | {_S.CONNECTING},
        _S.REVOKED: _ANY_TIME | {_S.CONNECTING},
    },
)
