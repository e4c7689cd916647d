"""Puts the server together: settings in, ASGI application out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import Unavailable
from sync_server import errors
from sync_server.api.routes import PlainEndpoints
from sync_server.auth.throttle import Throttle
from sync_server.auth.tokens import Tokens
from sync_server.bucket import object_store
from sync_server.database import Database, app_engine, listening_connection
from sync_server.settings import Settings, unfinished_folder
from sync_server.sync.blobs import Blobs
from sync_server.sync.bootstrap import Bootstraps
from sync_server.sync.file_routes import FileEndpoints
from sync_server.sync.hub import Hub, Listener
from sync_server.sync.job_queue import JobQueue
from sync_server.sync.routes import SyncEndpoints

ATTEMPTS_PER_CALLER = 10
ATTEMPTS_ALTOGETHER = 200


def create_app(settings: Settings, *, clock: Clock | None = None) -> FastAPI:
    """The application of one server process.

    `app.state.hub` is the hub of waiting devices, for the server to close before it stops.
    Raises Unavailable("setting_missing") without a database URL.
    """
    url = settings.app_database_url or settings.database_url
    if url is None:
        raise Unavailable("setting_missing", setting="DATABASE_URL")
    clock = clock or SystemClock()
    engine = app_engine(
        url, is_app_login=settings.app_database_url is not None, pool_size=settings.pool_size
    )
    database = Database(engine, clock)
    hub = Hub()
    jobs = JobQueue(settings, clock)
    tokens = Tokens(database, clock, minutes=settings.token_minutes)
    listener = Listener(lambda: listening_connection(engine), hub)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with _running(hub, listener, jobs):
            yield
        database.close()

    app = FastAPI(title="PyCommerce", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.hub = hub
    errors.install(app)
    app.include_router(_sync(database, clock, tokens=tokens, hub=hub).router())
    app.include_router(_files(settings, database, clock, tokens=tokens, jobs=jobs).router())
    app.include_router(PlainEndpoints(database).router())
    return app


def _sync(database: Database, clock: Clock, *, tokens: Tokens, hub: Hub) -> SyncEndpoints:
    """What answers devices."""
    return SyncEndpoints(
        database=database,
        clock=clock,
        tokens=tokens,
        hub=hub,
        throttle=Throttle(clock, per_caller=ATTEMPTS_PER_CALLER, altogether=ATTEMPTS_ALTOGETHER),
    )


def _files(
    settings: Settings, database: Database, clock: Clock, *, tokens: Tokens, jobs: JobQueue
) -> FileEndpoints:
    """What gives and takes files; those that devices start from and blobs lie in one store."""
    objects = object_store(settings)
    return FileEndpoints(
        tokens=tokens,
        bootstraps=Bootstraps(
            database,
            clock,
            objects,
            ask_for=jobs.ask_for_file,
            fewest_rows=settings.bootstrap_rows,
        ),
        blobs=Blobs(database, clock, objects, unfinished_folder(settings)),
    )


@asynccontextmanager
async def _running(hub: Hub, listener: Listener, jobs: JobQueue) -> AsyncIterator[None]:
    """Everything that works beside the requests, for as long as the block lasts."""
    hub.open(asyncio.get_running_loop())
    listener.start()
    jobs.start()
    try:
        yield
    finally:
        hub.close()
        await asyncio.to_thread(jobs.close)
        await asyncio.to_thread(listener.stop)
