"""Databases for the tests of migrations."""

from tests.support.databases import migrated_url, server_database, tenant

__all__ = ["migrated_url", "server_database", "tenant"]
