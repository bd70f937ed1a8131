"""One connection to a service: requests out, answers in, over ZeroMQ and msgpack (docs/protocol.md).

A request that may be lost is repeated with the same number on the same connection, since every operation may be repeated.
A connection belongs to one thread; Service hands each thread its own.
"""

from __future__ import annotations

import os
import secrets
import stat
import threading
import time
from typing import Any, Callable, Dict, Optional

import msgpack
import zmq
from zmq.utils.monitor import parse_monitor_message

from .exceptions import DeniedError, InvalidError, UnreachableError, UnsupportedError, error_of

WIRE_VERSION = 1
MESSAGE_LIMIT = 16 << 20        # bytes
CALL_SECONDS = 30.0
REPEAT_SECONDS = 5.0            # after so long without an answer the question is asked again
MEET_SECONDS = 5.0              # a service that has not been met by then is not there
SLICE_MS = 200


def encode_request(number: int, op: str, body: Dict[str, Any]) -> bytes:
    """The bytes of a question. InvalidError: a message cannot say this."""
    try:
        message = msgpack.packb({"v": WIRE_VERSION, "id": number, "op": op, "body": body}, use_bin_type=True)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidError(f"{op}: this cannot be sent: {error}") from error
    if len(message) > MESSAGE_LIMIT:
        raise InvalidError(f"{op}: a message of {len(message)} bytes cannot be sent, at most {MESSAGE_LIMIT}")
    return message


def decode_answer(data: bytes) -> Dict[str, Any]:
    """The envelope of an answer, checked. InvalidError: it is none."""
    if len(data) > MESSAGE_LIMIT:
        raise InvalidError(f"an answer of {len(data)} bytes is too long")
    try:
        answer = msgpack.unpackb(data, raw=False, strict_map_key=False)
    except Exception as error:
        raise InvalidError(f"an answer cannot be read: {error}") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), int):
        raise InvalidError("an answer is no map with an id")
    if answer.get("v") != WIRE_VERSION:
        raise UnsupportedError(f"the service speaks version {answer.get('v')} of the protocol, this package {WIRE_VERSION}")
    return answer


class Credentials:
    """What hone keygen wrote for a client: three lines `name: key`, in a file that only its owner can read."""

    def __init__(self, path: str):
        try:
            mode = os.stat(path).st_mode
            with open(path, encoding="utf-8") as file:
                lines = file.read(4096).splitlines()
        except OSError as error:
            raise DeniedError(f"{path}: {error.strerror}") from error
        if stat.S_IMODE(mode) & 0o077:
            raise DeniedError(f"{path} can be read by others (mode {stat.S_IMODE(mode):03o}): chmod 600 it")
        keys = {}
        for line in lines:
            name, _, value = line.partition(":")
            keys[name.strip()] = value.strip().strip("'\"")
        for name in ("server", "public", "secret"):
            if len(keys.get(name, "")) != 40:
                raise DeniedError(f"{path}: expected a key of 40 characters as {name}: a file of hone keygen")
        self.server, self.public, self.secret = (keys[name].encode() for name in ("server", "public", "secret"))


class Connection:
    """One DEALER socket and its monitor: libzmq is silent about refused keys and tries again for ever."""

    def __init__(self, context: zmq.Context, address: str, credentials: Optional[Credentials]):
        self.address = address
        self._number = 0
        self._socket = context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.ROUTING_ID, b"s" + secrets.token_bytes(16))
        self._socket.setsockopt(zmq.MAXMSGSIZE, MESSAGE_LIMIT)
        self._socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self._socket.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
        if credentials is not None:
            self._socket.curve_serverkey = credentials.server
            self._socket.curve_publickey = credentials.public
            self._socket.curve_secretkey = credentials.secret
        self._monitor = self._socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
            | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_DISCONNECTED)
        self._has_key = credentials is not None
        self._refusals = 0
        self._has_met = False                       # ever, on this connection
        self._opened = time.monotonic()
        try:
            self._socket.connect(address)
        except zmq.ZMQError as error:
            self.close()
            raise InvalidError(f"{address}: {error}: expected tcp://HOST:PORT") from error

    def close(self) -> None:
        self._socket.disable_monitor()
        self._monitor.close(0)
        self._socket.close(0)

    def _heed_monitor(self) -> bool:
        """Was the connection made anew? A refusal is an error at once."""
        renewed = False
        while self._monitor.poll(0):
            event = parse_monitor_message(self._monitor.recv_multipart())["event"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                renewed, self._refusals, self._has_met = True, 0, True
            elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                raise DeniedError(f"{self.address} does not know this key (or no longer): ask for one, hone keygen makes it")
            elif event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
                if not self._has_key:
                    raise DeniedError(f"{self.address} asks for a key: give the file that hone keygen made")
                raise DeniedError(f"{self.address} has another key than this one's `server`, or is no Hone service")
            elif event == zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL:
                self._refusals += 1
                if self._refusals >= 3 and self.address.startswith("tcp:"):
                    raise DeniedError(f"{self.address} closes the connection: it has another key than this one's `server`, "
                                      "or asks for one" if not self._has_key else
                                      f"{self.address} has another key than this one's `server`, or is no Hone service")
        return renewed

    def call(self, op: str, body: Dict[str, Any], seconds: float, revive: Callable[[], None]) -> Dict[str, Any]:
        """The answer's body, or its error. revive() is called while there is none, to see to the service."""
        self._number += 1
        request = encode_request(self._number, op, body)
        end, repeat = time.monotonic() + seconds, time.monotonic() + REPEAT_SECONDS
        self._socket.send(request)
        while True:
            if self._socket.poll(SLICE_MS):
                answer = decode_answer(self._socket.recv())
                if answer["id"] == 0 and not answer.get("ok"):
                    raise error_of(answer.get("err") or {})     # the service could not read the question
                if answer["id"] != self._number:
                    continue                        # of a question that was given up or repeated
                if answer.get("ok"):
                    return answer.get("body") or {}
                raise error_of(answer.get("err") or {})
            now, renewed = time.monotonic(), self._heed_monitor()
            if self.address.startswith("tcp:") and not self._has_met and now >= self._opened + MEET_SECONDS:
                raise UnreachableError(f"nobody listens on {self.address}")
            if now >= end:
                raise UnreachableError(f"no answer from {self.address} within {seconds:.0f} s")
            if renewed or now >= repeat:
                self._socket.send(request)
                repeat = now + REPEAT_SECONDS
            revive()


class Service:
    """A service, wherever it is: a connection for each thread of each process."""

    def __init__(self, address: str, key: Optional[str] = None, revive: Callable[[], None] = lambda: None):
        self.address = address
        self._credentials = Credentials(key) if key is not None else None
        self._revive = revive
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._context = zmq.Context()
        self._local = threading.local()
        self._connections: list = []

    def call(self, op: str, body: Optional[Dict[str, Any]] = None, seconds: float = CALL_SECONDS) -> Dict[str, Any]:
        """Ask and wait. Errors are exceptions.HoneError with the service's own text."""
        if os.getpid() != self._pid:
            self._forget()                          # sockets do not survive a fork
        connection = getattr(self._local, "connection", None)
        if connection is None:
            self.sweep()                            # threads come and go
            connection = self._connect()
            self._local.connection = connection
            with self._lock:
                self._connections.append((threading.current_thread(), connection))
        return connection.call(op, body or {}, seconds, self._revive)

    def _connect(self) -> Connection:
        try:
            return Connection(self._context, self.address, self._credentials)
        except zmq.ZMQError as error:
            raise UnreachableError(f"{self.address}: no more connections can be made: {error}") from error

    def socket(self, kind: int) -> zmq.Socket:
        """Another socket to the same service, not yet connected, which its user closes."""
        socket = self._context.socket(kind)
        if self._credentials is not None:
            socket.curve_serverkey = self._credentials.server
            socket.curve_publickey = self._credentials.public
            socket.curve_secretkey = self._credentials.secret
        return socket

    def sweep(self) -> None:
        """Close the connections of threads that have ended."""
        with self._lock:
            ended = [pair for pair in self._connections if not pair[0].is_alive()]
            self._connections = [pair for pair in self._connections if pair[0].is_alive()]
        for _, connection in ended:
            connection.close()

    def close(self) -> None:
        if os.getpid() != self._pid:
            return
        with self._lock:
            connections, self._connections = self._connections, []
        for _, connection in connections:
            connection.close()
        self._local = threading.local()
        self._context.destroy(0)
