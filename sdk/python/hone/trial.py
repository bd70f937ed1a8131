"""A running trial, as an objective sees it, and a trial as it was recorded."""

from __future__ import annotations

import datetime
import enum
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from .distributions import BaseDistribution, CategoricalDistribution, Choice, FloatDistribution, IntDistribution
from .exceptions import ConflictError, InvalidError

if TYPE_CHECKING:
    from .study import Study


class TrialState(enum.IntEnum):
    """Optuna's states. Katib's that they stand for: Succeeded; EarlyStopped; Failed, MetricsUnavailable, Killed; Running; Pending."""

    RUNNING = 0
    COMPLETE = 1
    PRUNED = 2
    FAIL = 3
    WAITING = 4

    def is_finished(self) -> bool:
        return self not in (TrialState.RUNNING, TrialState.WAITING)


STATE_OF = {"Pending": TrialState.WAITING, "Running": TrialState.RUNNING, "Succeeded": TrialState.COMPLETE,
            "EarlyStopped": TrialState.PRUNED}


@dataclass
class FrozenTrial:
    """A trial as it was recorded. number counts from 0, as in Optuna; name is the trial's in Hone."""

    number: int
    state: TrialState
    values: Optional[List[float]]
    params: Dict[str, Any]
    distributions: Dict[str, BaseDistribution]
    user_attrs: Dict[str, Any] = field(default_factory=dict)
    intermediate_values: Dict[int, float] = field(default_factory=dict)
    datetime_start: Optional[datetime.datetime] = None
    datetime_complete: Optional[datetime.datetime] = None
    name: str = ""
    message: str = ""
    why: str = ""
    system_attrs: Dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> Optional[float]:
        if self.values is not None and len(self.values) > 1:
            raise RuntimeError("a trial of several objectives has values, not a value")
        return self.values[0] if self.values else None

    @property
    def duration(self) -> Optional[datetime.timedelta]:
        if self.datetime_start is None or self.datetime_complete is None:
            return None
        return self.datetime_complete - self.datetime_start

    @property
    def last_step(self) -> Optional[int]:
        return max(self.intermediate_values) if self.intermediate_values else None

    @property
    def trial_id(self) -> int:
        return self.number


def create_trial(*, state: TrialState = TrialState.COMPLETE, value: Optional[float] = None,
                 values: Optional[Sequence[float]] = None, params: Optional[Dict[str, Any]] = None,
                 distributions: Optional[Dict[str, BaseDistribution]] = None,
                 user_attrs: Optional[Dict[str, Any]] = None,
                 intermediate_values: Optional[Dict[int, float]] = None) -> FrozenTrial:
    """A trial for Study.add_trial."""
    if value is not None and values is not None:
        raise InvalidError("expected value or values, got both")
    known = list(values) if values is not None else [value] if value is not None else None
    if state == TrialState.COMPLETE and known is None:
        raise InvalidError("a complete trial has a value")
    if set(params or {}) != set(distributions or {}):
        raise InvalidError("expected params and distributions of the same names")
    return FrozenTrial(-1, state, known, dict(params or {}), dict(distributions or {}), dict(user_attrs or {}),
                       dict(intermediate_values or {}))


class Trial:
    """What an objective is given. It is held by a lease, which a thread of the study renews."""

    def __init__(self, study: "Study", answer: Dict[str, Any]):
        self.study = study
        self.number = answer["number"] - 1
        self.name = answer["trial"]
        self.why = answer.get("why", "")
        self._ids = {key: answer[key] for key in ("experiment", "number", "attempt", "key")}
        self.lease_seconds = float(answer["lease_s"])
        self._given: Dict[str, str] = dict(answer["assignments"])
        self._params: Dict[str, Any] = {}
        self._distributions: Dict[str, BaseDistribution] = {}
        self._user_attrs: Dict[str, Any] = {}
        self._reported: Dict[int, float] = {}
        self._sequence = 0
        self._lock = threading.Lock()
        self._stop = False
        self.stop_reason = ""
        self.datetime_start = datetime.datetime.now()

    # --- parameters ---

    def suggest_float(self, name: str, low: float, high: float, *, step: Optional[float] = None, log: bool = False) -> float:
        """A number from low to high, both included."""
        return self._suggest(name, FloatDistribution(float(low), float(high), log, step))

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """A whole number from low to high, both included."""
        return self._suggest(name, IntDistribution(int(low), int(high), log, step))

    def suggest_categorical(self, name: str, choices: Sequence[Choice]) -> Any:
        """One of the choices."""
        return self._suggest(name, CategoricalDistribution(choices))

    def suggest_uniform(self, name: str, low: float, high: float) -> float:
        return self.suggest_float(name, low, high)

    def suggest_loguniform(self, name: str, low: float, high: float) -> float:
        return self.suggest_float(name, low, high, log=True)

    def suggest_discrete_uniform(self, name: str, low: float, high: float, q: float) -> float:
        return self.suggest_float(name, low, high, step=q)

    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        if not isinstance(name, str):
            raise InvalidError(f"expected a text as a parameter's name, got {name!r}")
        if name in self._params:
            if type(self._distributions[name]) is not type(distribution):
                raise InvalidError(f"{name} was a {type(self._distributions[name]).__name__} in this trial before")
            return self._params[name]
        text = self._given.get(name)
        if text is None or self.study._known.get(name) != distribution:
            answer = self._call("trial.suggest", {"parameter": distribution.parameter(name)})
            text = answer["text"]
            self.study._known[name] = distribution
        value = distribution.external(text)
        self._params[name], self._distributions[name] = value, distribution
        return value

    @property
    def params(self) -> Dict[str, Any]:
        return dict(self._params)

    @property
    def distributions(self) -> Dict[str, BaseDistribution]:
        return dict(self._distributions)

    # --- what comes of it ---

    def report(self, value: float, step: int) -> None:
        """What the objective has reached at a step. Of several reports at one step the first counts."""
        if len(self.study.directions) > 1:
            raise NotImplementedError("report takes one objective")
        value, step = float(value), int(step)
        if step < 0:
            raise InvalidError(f"expected a step of 0 or more, got {step}")
        if step in self._reported:
            return
        self._reported[step] = value
        with self._lock:
            self._sequence += 1
            body = {"metrics": {self.study.metric_names[0]: value}, "step": step, "sequence": self._sequence}
            self._heed(self._call("trial.report", body))

    def should_prune(self) -> bool:
        """Has early stopping given this trial up, or somebody stopped it? Judged at every report."""
        return self._stop

    def should_stop(self) -> bool:
        return self._stop

    def set_user_attr(self, key: str, value: Any) -> None:
        """Keep a value that JSON can hold with the trial."""
        if key == "fixed_params":
            raise InvalidError("fixed_params is kept for enqueued points")
        check_json(key, value)
        self._user_attrs[key] = value
        self.study._service.call("note", {**self.study._target, "trial": self.name, "notes": {key: value}})

    @property
    def user_attrs(self) -> Dict[str, Any]:
        return dict(self._user_attrs)

    def _heed(self, answer: Dict[str, Any]) -> None:
        if answer.get("stop"):
            self._stop, self.stop_reason = True, answer.get("why", "")

    def _call(self, op: str, body: Dict[str, Any]) -> Dict[str, Any]:
        return self.study._service.call(op, {**self._ids, **body})

    def _beat(self) -> None:
        try:
            self._heed(self._call("trial.beat", {}))
        except ConflictError:
            self._stop, self.stop_reason = True, "this trial is no longer ours"


class FixedTrial:
    """Runs an objective with given parameters, without any study."""

    def __init__(self, params: Dict[str, Any], number: int = 0):
        self._fixed, self.number, self.params, self.user_attrs = params, number, {}, {}
        self.distributions: Dict[str, BaseDistribution] = {}

    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        if name not in self._fixed:
            raise InvalidError(f"no value was given for {name}")
        if not distribution.contains(self._fixed[name]):
            raise InvalidError(f"{name} = {self._fixed[name]} is not within {distribution}")
        self.params[name], self.distributions[name] = self._fixed[name], distribution
        return self._fixed[name]

    suggest_float, suggest_int, suggest_categorical = Trial.suggest_float, Trial.suggest_int, Trial.suggest_categorical
    suggest_uniform, suggest_loguniform = Trial.suggest_uniform, Trial.suggest_loguniform
    suggest_discrete_uniform = Trial.suggest_discrete_uniform

    def report(self, value: float, step: int) -> None:
        pass

    def should_prune(self) -> bool:
        return False

    should_stop = should_prune

    def set_user_attr(self, key: str, value: Any) -> None:
        self.user_attrs[key] = value


def check_json(key: Any, value: Any) -> None:
    """InvalidError: an attribute that would come back as something else."""
    if not isinstance(key, str):
        raise InvalidError(f"expected a text as an attribute's name, got {key!r}")
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidError(f"attribute {key}: expected what JSON can hold: {error}") from error

