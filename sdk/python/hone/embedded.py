"""A service of this program's own: a child `hone serve` on a database, which ends with the program.

Several programs on one database share one: whoever comes first starts it, and when that program ends the next one to
notice starts another.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
import time
from typing import Dict, Optional

from .exceptions import HoneError, UnreachableError
from .wire import Service

START_SECONDS = 20.0
EXIT_CONFLICT = 4               # another one conducts this database already


def find_program() -> str:
    """HONE_BINARY, or hone on the PATH."""
    given = os.environ.get("HONE_BINARY")
    if given:
        if not os.access(given, os.X_OK):
            raise UnreachableError(f"HONE_BINARY names {given}, which is no program that can be run")
        return given
    found = shutil.which("hone")
    if found is None:
        raise UnreachableError("the program hone was not found: build it, and put it on PATH or name it by HONE_BINARY")
    return found


def fnv1a(text: str) -> int:
    """64-bit FNV-1a, as the service names its socket (docs/protocol.md)."""
    value = 0xCBF29CE484222325
    for byte in os.fsencode(text):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def endpoint(database: str) -> str:
    """Where the owner of a database listens on this machine."""
    absolute = os.path.abspath(database)
    path = os.path.join(os.path.realpath(os.path.dirname(absolute)), os.path.basename(absolute))
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/") and os.access(runtime, os.W_OK) and len(os.fsencode(runtime)) + 30 < 100:
        directory = os.path.join(runtime, "hone")
    else:
        directory = f"/tmp/hone-{os.geteuid()}"
    return f"ipc://{directory}/{fnv1a(path):016x}"


class Embedded:
    """The child process of one database."""

    def __init__(self, database: Optional[str]):
        self.directory = tempfile.mkdtemp(prefix="hone-") if database is None else None
        self.database = os.path.join(self.directory, "hone.db") if database is None else os.path.abspath(database)
        self._lock = threading.Lock()
        self._child: Optional[subprocess.Popen] = None
        self._checked = 0.0
        self._pid = os.getpid()
        self._log = tempfile.TemporaryFile()
        os.makedirs(os.path.dirname(self.database), exist_ok=True)
        self._start()
        self.service = Service(endpoint(self.database), revive=self._revive)
        try:
            self._greet()
        except BaseException:
            self.close()
            raise
        atexit.register(self.close)

    def _start(self) -> None:
        self._child = subprocess.Popen([find_program(), "serve", "--attached", "--db", self.database], stdin=subprocess.PIPE,
                                       stdout=subprocess.DEVNULL, stderr=self._log, start_new_session=True)

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read()[-2000:].decode(errors="replace").strip()

    def _greet(self) -> None:
        """It is there, and conducts. What it said when it failed is the error."""
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.service.call("hello", {"conduct": True}, 2.0).get("conduct"):
                    return
            except UnreachableError as error:
                if time.monotonic() >= end:
                    raise UnreachableError(f"hone serve does not answer: {self._said() or error}") from error
            if time.monotonic() >= end:
                raise UnreachableError(f"another program keeps {self.database} without conducting it")
            time.sleep(0.05)

    def _revive(self) -> None:
        """Called while an answer is awaited: if our child has ended, and nobody else serves, start another."""
        if os.getpid() != self._pid:
            self._adopt()
        with self._lock:
            now = time.monotonic()
            if now - self._checked < 0.5 or (self._child is not None and self._child.poll() is None):
                return
            self._checked = now
            if self._child is not None and self._child.returncode not in (0, EXIT_CONFLICT) and self._child.returncode > 0:
                raise HoneError(f"hone serve has ended: {self._said()}")
            self._start()

    def _adopt(self) -> None:
        """In a forked child: the parent's service is not ours. Where nobody serves any more, start one; one too many ends at once."""
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._child = None
        self._checked = time.monotonic()
        self._log = tempfile.TemporaryFile()
        self.directory = None                       # it goes with the parent

    def close(self) -> None:
        if os.getpid() != self._pid or self._child is None:
            return
        self.service.close()
        self._child.stdin.close()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None
        self._log.close()
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)


_embedded: Dict[str, Embedded] = {}
_remote: Dict[tuple, Service] = {}
_opening = threading.Lock()


def open_service(storage: Optional[str] = None, key: Optional[str] = None) -> Service:
    """storage: tcp://HOST:PORT of a service (key: the file of hone keygen, or HONE_KEY), the path of a database, or None:
    HONE_SERVER or HONE_DB if set, else a temporary database that goes with the program."""
    if storage is None:
        storage = os.environ.get("HONE_SERVER") or os.environ.get("HONE_DB")
    with _opening:
        if storage is not None and storage.startswith("tcp://"):
            key = key or os.environ.get("HONE_KEY")
            where = (storage, key, os.getpid())
            if where not in _remote:
                _remote[where] = Service(storage, key)
            return _remote[where]
        if storage is not None and "://" in storage:
            raise HoneError(f"storage: expected the path of a database or tcp://HOST:PORT, got {storage}")
        where = os.path.abspath(storage) if storage is not None else ""
        if where not in _embedded or _embedded[where]._child is None:
            _embedded[where] = Embedded(storage)
        return _embedded[where].service
