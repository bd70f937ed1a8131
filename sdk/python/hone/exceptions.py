"""Errors, one class a code of the protocol. What the service says is the text."""

from __future__ import annotations


class HoneError(Exception):
    """Base of all errors of this package."""


class FinishedError(HoneError):
    """The study gives no more trials: its budget is spent, or it was stopped."""


class TrialPruned(HoneError):
    """Raise it in an objective whose trial should_prune(): the trial ends as pruned."""


class InvalidError(HoneError, ValueError):
    """The input is wrong: a parameter, a setting, a value."""


class NotFoundError(HoneError, KeyError):
    """No such study, trial or result."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class ConflictError(HoneError):
    """The name is taken, or the trial is no longer this program's."""


class DuplicatedStudyError(ConflictError):
    """A study of that name exists, and load_if_exists was not given."""


class DeniedError(HoneError, PermissionError):
    """The service refuses: a wrong key, a role or a namespace that may not do this."""


class UnreachableError(HoneError, ConnectionError):
    """Nobody answers, or the program hone was not found."""


class LimitError(HoneError):
    """A limit of the service was reached."""


class UnsupportedError(HoneError):
    """The service, or its version, cannot do this."""


class ServiceError(HoneError):
    """The service failed: its disk, its database."""


BY_CODE = {
    "INVALID": InvalidError,
    "NOT_FOUND": NotFoundError,
    "CONFLICT": ConflictError,
    "DENIED": DeniedError,
    "UNREACHABLE": UnreachableError,
    "LIMIT": LimitError,
    "UNSUPPORTED": UnsupportedError,
}


def error_of(err: dict) -> HoneError:
    """The exception of an answer's err."""
    return BY_CODE.get(err.get("code", ""), ServiceError)(err.get("msg", "the service gave no reason"))
