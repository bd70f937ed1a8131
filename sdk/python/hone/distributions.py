"""What a parameter may be: Optuna's three distributions, and their form in an Experiment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Optional, Sequence, Tuple, Union

from .exceptions import InvalidError

Choice = Union[None, bool, int, float, str]


def _number(value: Union[int, float]) -> str:
    """Shortest text that reads back as the same number."""
    return repr(int(value)) if isinstance(value, int) else repr(float(value))


@dataclass(frozen=True)
class FloatDistribution:
    """low to high, both included; on a logarithmic scale, or in steps from low."""

    low: float
    high: float
    log: bool = False
    step: Optional[float] = None

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise InvalidError(f"expected low <= high, got {self.low} and {self.high}")
        if self.log and self.step is not None:
            raise InvalidError("step is not possible with log")
        if self.log and self.low <= 0:
            raise InvalidError(f"log takes low > 0, got {self.low}")
        if self.step is not None and self.step <= 0:
            raise InvalidError(f"expected step > 0, got {self.step}")

    def parameter(self, name: str) -> Dict[str, Any]:
        space = {"min": _number(float(self.low)), "max": _number(float(self.high))}
        if self.log:
            space["distribution"] = "logUniform"
        if self.step is not None:
            space["step"] = _number(float(self.step))
        return {"name": name, "parameterType": "double", "feasibleSpace": space}

    def external(self, text: str) -> float:
        return float(text)

    def text(self, value: Any) -> str:
        return _number(float(value))

    def single(self) -> bool:
        return self.low == self.high

    def contains(self, value: Any) -> bool:
        return self.low <= float(value) <= self.high


@dataclass(frozen=True)
class IntDistribution:
    """Whole numbers from low to high, both included, in steps; or on a logarithmic scale."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise InvalidError(f"expected low <= high, got {self.low} and {self.high}")
        if self.log and self.step != 1:
            raise InvalidError("step is not possible with log")
        if self.log and self.low < 1:
            raise InvalidError(f"log takes low >= 1, got {self.low}")
        if self.step < 1:
            raise InvalidError(f"expected step >= 1, got {self.step}")

    def parameter(self, name: str) -> Dict[str, Any]:
        space = {"min": _number(int(self.low)), "max": _number(int(self.high))}
        if self.log:
            space["distribution"] = "logUniform"
        if self.step != 1:
            space["step"] = _number(int(self.step))
        return {"name": name, "parameterType": "int", "feasibleSpace": space}

    def external(self, text: str) -> int:
        return int(text)

    def text(self, value: Any) -> str:
        return str(int(value))

    def single(self) -> bool:
        return self.low == self.high

    def contains(self, value: Any) -> bool:
        return self.low <= int(value) <= self.high and (int(value) - self.low) % self.step == 0


@dataclass(frozen=True)
class CategoricalDistribution:
    """One of some values: None, bool, int, float or str."""

    choices: Tuple[Choice, ...]

    def __init__(self, choices: Sequence[Choice]):
        object.__setattr__(self, "choices", tuple(choices))
        if not self.choices:
            raise InvalidError("expected at least one choice, got none")
        for choice in self.choices:
            if choice is not None and not isinstance(choice, (bool, int, float, str)):
                raise InvalidError(f"a choice is None, bool, int, float or str, got {type(choice).__name__}")
        if len(set(self.texts())) != len(self.choices):
            raise InvalidError(f"expected different choices, got {list(self.choices)}")

    def text(self, value: Any) -> str:
        """Texts as they are where all are texts that are read as such again, else JSON, so that 1 and "1" differ."""
        if all(isinstance(choice, str) for choice in self.choices) and _choices(self.choices) == list(self.choices):
            return value
        return json.dumps(value)

    def texts(self) -> Tuple[str, ...]:
        return tuple(self.text(choice) for choice in self.choices)

    def parameter(self, name: str) -> Dict[str, Any]:
        return {"name": name, "parameterType": "categorical", "feasibleSpace": {"list": list(self.texts())}}

    def external(self, text: str) -> Choice:
        for choice, own in zip(self.choices, self.texts()):
            if own == text:
                return choice
        return text

    def single(self) -> bool:
        return len(self.choices) == 1

    def contains(self, value: Any) -> bool:
        return any(value is choice or (value == choice and isinstance(value, bool) == isinstance(choice, bool))
                   for choice in self.choices)


BaseDistribution = Union[FloatDistribution, IntDistribution, CategoricalDistribution]


def of_parameter(parameter: Dict[str, Any]) -> BaseDistribution:
    """The distribution of a row of spec.parameters."""
    space, kind = parameter.get("feasibleSpace") or {}, parameter.get("parameterType")
    log = str(space.get("distribution", "")).startswith("log")
    if kind == "double":
        step = float(space["step"]) if space.get("step") else None
        return FloatDistribution(float(space["min"]), float(space["max"]), log and step is None, step)
    if kind == "int":
        step = 1 if log else int(space.get("step") or 1)
        return IntDistribution(int(space["min"]), int(space["max"]), log, step)
    texts = [str(text) for text in space.get("list") or [""]]
    if kind == "discrete":
        return CategoricalDistribution([json.loads(text) for text in texts])
    return CategoricalDistribution(_choices(texts))


def _choices(texts: Sequence[str]) -> Sequence[Choice]:
    """As they were given: JSON if every text is some, and not all are texts."""
    try:
        values = [json.loads(text) for text in texts]
    except ValueError:
        return list(texts)
    if any(isinstance(value, (dict, list)) for value in values) or any(json.dumps(v) != t for v, t in zip(values, texts)):
        return list(texts)
    return values
