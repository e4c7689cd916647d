"""The version of the wire and its dated history."""

PROTOCOL_VERSION = 1
"""Raised whenever a message changes shape; a test pins the shapes to this number."""

HISTORY = {
    1: (
        "2026-11-23 first complete version: enrol, token, push, pull, wait, verify, bootstrap,"
        " blob, certificate, relay"
    ),
}
