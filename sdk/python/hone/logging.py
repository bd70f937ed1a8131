"""Optuna's verbosity calls. This package is silent but for errors and warnings: they are kept so that scripts run."""

from __future__ import annotations

CRITICAL, ERROR, WARNING, INFO, DEBUG = 50, 40, 30, 20, 10
_level = WARNING


def set_verbosity(verbosity: int) -> None:
    global _level
    _level = verbosity


def get_verbosity() -> int:
    return _level


def disable_default_handler() -> None:
    pass


def enable_default_handler() -> None:
    pass


def enable_propagation() -> None:
    pass


def disable_propagation() -> None:
    pass
