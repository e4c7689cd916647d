"""Plays a whole shop on this machine: the server and a window for each workspace; see ./run demo.

Everything it starts stays in its own process group, which ./run ends as a whole.
"""

import argparse
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).absolute().parent
CACHE = ROOT / ".cache"
SEED = ROOT / "resources" / "seed"
FIRST_PORT = 8765
VNC_PORT = 5900
ENDING_SECONDS = 20.0
_LOOK_SECONDS = 0.2

OPEN = """
  Lark & Linen is open. Its windows come up in a few seconds, signed in:

{people}
  Approvals         Sam Reed      PIN 3333   a supervisor, for discounts and the like at the till

  Server            {address}
  Kept in           {folder}
                    ./run demo goes on from there; with --fresh it starts over

  Ctrl-C here, or closing all windows, ends everything.
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """A window of the demo and who is signed in there."""

    workspace: str
    title: str
    name: str
    pin: str


SEATS = (
    Seat("merchant", "Back office", "Olive Hart", "1111"),
    Seat("fulfillment", "Packing station", "Pia Stone", "4444"),
    Seat("kiosk", "Till", "Casey Moss", "2222"),
)


class Stop(Exception):
    """A failure that a person can cure; its text says how."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a demo's shop lives between two starts."""

    folder: Path

    @property
    def server(self) -> Path:
        """The server's own folder.

        Its name is new with each fresh start: for root the cluster lies elsewhere, under a name
        made from this one, and must not come back.
        """
        found = next(self.folder.glob("server-*/"), None)
        return found or self.folder / f"server-{secrets.token_hex(3)}"

    def log(self, name: str) -> Path:
        """What one of the processes says."""
        return self.folder / f"{name}.log"

    def shown(self, path: Path) -> str:
        """A path as one types it in the checkout."""
        return str(path.relative_to(ROOT))

    def port(self) -> int:
        """The port of the first start, since the devices know it; at first any free one.

        Raises Stop when it is taken now.
        """
        kept = self.folder / "port"
        if kept.exists():
            known = int(kept.read_text(encoding="ascii"))
            if _free_port(known) is None:
                raise Stop(
                    f"Port {known}, which the demo's windows know, is taken by another program."
                    " End that one, or: ./run demo --fresh"
                )
            return known
        port = _free_port(FIRST_PORT) or _free_port(0)
        if port is None:
            raise Stop("There is no free port on this machine.")
        kept.write_text(str(port), encoding="ascii")
        return port


def _free_port(port: int) -> int | None:
    """That port (0: any) if it is free."""
    with socket.socket() as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


# -- children


def start_server(place: Place, files: Path) -> "subprocess.Popen[bytes]":
    """Start the server; it fills the shop, then writes codes and address to its output."""
    port, home = place.port(), place.server
    home.mkdir(exist_ok=True)
    argv = ["sync_server", "demo", "--port", str(port), "--fill", str(files)]
    with place.log("server").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *argv],
            cwd=ROOT,
            env=os.environ | {"PYCOMMERCE_DATA": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )


def served(server: "subprocess.Popen[bytes]", place: Place) -> tuple[Mapping[str, str], str]:
    """Pairing codes by workspace, and the address; what is told before is passed on.

    Raises Stop when the server ends instead.
    """
    codes: Mapping[str, str] = {}
    for line in server.stdout or ():
        text = line.decode("utf-8", "replace").rstrip()
        if text.startswith("http"):
            return codes, text
        if text.startswith("{"):
            codes = json.loads(text)["codes"]
        else:
            say(text)
    log = place.log("server")
    told = log.read_text(encoding="utf-8", errors="replace").splitlines()
    raise Stop(f"{told[-1] if told else 'The server did not start.'}\nThe full report is in {log}")


def start_window(
    place: Place, seat: Seat, *, pair: Sequence[str], vnc: Sequence[str]
) -> "subprocess.Popen[bytes]":
    """Start one window; a device that is paired already leaves the pairing code unused."""
    argv = ["desktop", "--workspace", seat.workspace, "--profile", seat.workspace]
    argv += ["--pair", *pair, "--sign-in", seat.name, seat.pin, *vnc]
    with place.log(seat.workspace).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *argv],
            cwd=ROOT,
            env=os.environ | {"PYCOMMERCE_DATA": str(place.folder / seat.workspace)},
            stdin=subprocess.DEVNULL,
            stderr=log,
        )


def ask_to_end(child: "subprocess.Popen[bytes]") -> None:
    """What a Ctrl-C does, for one child."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)


def end_all(children: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Wait until the children, which were asked, have put everything away; then by force."""
    deadline = time.monotonic() + ENDING_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
    for child in children:
        if child.poll() is None:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Raises Stop when a demo runs in this checkout already."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "demo.lock").open("w") as handle:
        try:
            if sys.platform == "win32":
                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Stop("The demo runs already, in another terminal.") from error
        yield


# -- the play


def play(place: Place, files: Path, *, vnc_port: int | None) -> int:
    """Run everything until all windows are closed; 1 when something ended by itself."""
    children = [start_server(place, files)]
    try:
        codes, address = served(children[0], place)
        windows: dict[Seat, subprocess.Popen[bytes]] = {}
        people = []
        for number, seat in enumerate(SEATS):
            port = None if vnc_port is None else vnc_port + number
            vnc = [] if port is None else ["--vnc", str(port)]
            windows[seat] = start_window(
                place, seat, pair=(address, codes[seat.workspace]), vnc=vnc
            )
            children.append(windows[seat])
            where = "" if port is None else f"   VNC port {port}"
            people.append(f"  {seat.title:<18}{seat.name:<14}PIN {seat.pin}{where}")
        shown = place.shown(place.folder)
        say(OPEN.format(people="\n".join(people), address=address, folder=shown))
        is_well = watch(children[0], windows, place)
        for child in children:
            ask_to_end(child)
    except KeyboardInterrupt:
        # The whole group was told, so the children are ending already.
        say("Ending the demo …")
        raise
    except Stop:
        for child in children:
            ask_to_end(child)
        raise
    finally:
        end_all(children)
    return 0 if is_well else 1


def watch(
    server: "subprocess.Popen[bytes]",
    windows: Mapping[Seat, "subprocess.Popen[bytes]"],
    place: Place,
) -> bool:
    """Wait until all windows have ended and say what ended by itself; whether nothing did."""
    is_well = has_server = True
    waiting = dict(windows)
    pause = threading.Event()
    while waiting:
        pause.wait(_LOOK_SECONDS)
        for seat, child in list(waiting.items()):
            if child.poll() is None:
                continue
            del waiting[seat]
            is_well = is_well and child.returncode == 0
            say(_ending(seat, child.returncode, place))
        if has_server and server.poll() is not None:
            is_well = has_server = False
            log = place.shown(place.log("server"))
            say(f"The server ended by itself; see {log}. The windows go on without it.")
    return is_well


def _ending(seat: Seat, code: int, place: Place) -> str:
    if code == 0:
        return f"{seat.title} was closed."
    log = place.shown(place.log(seat.workspace))
    return f"{seat.title} ended by itself (code {code}); see {log}. The others go on."


def place_for(files: Path, *, is_fresh: bool) -> Place:
    """Where the shop that is filled from those files lives; other files make another shop.

    Raises Stop when there is no such folder.
    """
    if not files.is_dir():
        raise Stop(f"{files} is not a folder; --data names one with CSV files.")
    database = os.environ.get("DATABASE_URL", "")
    source = hashlib.sha256(f"{files}\n{database}".encode()).hexdigest()[:8]
    folder = CACHE / "demo" / f"{files.name}-{source}"
    if is_fresh:
        shutil.rmtree(folder, ignore_errors=True)
        if database:
            say("The windows start over; the shop in DATABASE_URL is left as it is.")
    folder.mkdir(parents=True, exist_ok=True)
    return Place(folder)


def main(argv: Sequence[str] | None = None) -> int:
    """Play the demo; 1 when it could not start or something ended by itself."""
    parser = argparse.ArgumentParser(prog="./run demo", allow_abbrev=False)
    parser.add_argument("--data", type=Path, default=SEED, metavar="DIR", help="CSV files")
    parser.add_argument("--fresh", action="store_true", help="start over")
    parser.add_argument("--vnc", type=int, nargs="?", const=VNC_PORT, metavar="PORT")
    given = parser.parse_args(argv)
    files: Path = given.data.resolve()
    try:
        with only_one():
            place = place_for(files, is_fresh=given.fresh)
            return play(place, files, vnc_port=given.vnc)
    except Stop as stop:
        say(f"demo: {stop}")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
