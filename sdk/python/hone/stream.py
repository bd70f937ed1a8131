"""Events as they happen: a subscription, and the questions that fill its gaps."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, Iterator, Optional

import msgpack
import zmq

from .wire import MESSAGE_LIMIT, Service

SLICE_MS = 200
REPEAT_SECONDS = 5.0        # a subscription has no answers: what has happened is asked for as often as that


def _address(service: Service) -> str:
    """Where it publishes: an address of this machine, or a port beside the one by which it is spoken to."""
    told = service.call("hello")["events"]
    return service.address.rpartition(":")[0] + told if told.startswith(":") else told


def _subscribe(service: Service, topic: str) -> zmq.Socket:
    socket = service.socket(zmq.SUB)
    socket.setsockopt(zmq.MAXMSGSIZE, MESSAGE_LIMIT)
    socket.setsockopt(zmq.SUBSCRIBE, topic.encode())
    socket.connect(_address(service))
    return socket


class Stream:
    """The events of one experiment after number `since`, each once and in order; reports come between them, numberless."""

    def __init__(self, service: Service, target: Dict[str, str], since: int):
        self._service, self._target, self._last = service, target, since
        self._topic = f"{target['namespace']}/{target['name']}"
        self._socket = _subscribe(service, self._topic)

    def close(self) -> None:
        self._socket.close(0)

    def _missed(self) -> Iterator[Dict[str, Any]]:
        """What has happened since the last one that was seen."""
        while True:
            events = self._service.call("events", {**self._target, "since": self._last})["events"]
            if not events:
                return
            for event in events:
                self._last = event["sequence"]
                yield event

    def _published(self) -> Optional[Dict[str, Any]]:
        """The next message about this experiment, or None."""
        if not self._socket.poll(SLICE_MS):
            return None
        parts = self._socket.recv_multipart()
        if len(parts) != 2 or parts[0].decode(errors="replace") != self._topic:     # a topic may begin like another
            return None
        return msgpack.unpackb(parts[1])

    def _reconnect(self) -> None:
        """A service that began anew may publish elsewhere."""
        self._socket.close(0)
        self._socket = _subscribe(self._service, self._topic)

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        pid, asked = os.getpid(), 0.0
        while os.getpid() == pid:
            if time.monotonic() - asked >= REPEAT_SECONDS:
                n = self._last
                yield from self._missed()
                if asked and self._last != n:       # they should have come by themselves
                    self._reconnect()
                asked = time.monotonic()
            event = self._published()
            if event is None:
                continue
            if "sequence" not in event:
                yield event
            elif event["sequence"] > self._last and event["previous"] == self._last:
                self._last = event["sequence"]
                yield event
            elif event["sequence"] > self._last:    # some were missed, or the service does not know
                yield from self._missed()
