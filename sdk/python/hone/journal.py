"""Optuna's journal file, in and out: JSON lines that optuna's JournalStorage and optuna-dashboard read."""

from __future__ import annotations

import datetime
import json
from typing import Any, Dict, List, Optional

from .distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from .exceptions import InvalidError
from .study import Study, create_study
from .trial import FrozenTrial, TrialState

CREATE_STUDY, STUDY_ATTR, CREATE_TRIAL, PARAM, STATE, INTERMEDIATE, TRIAL_ATTR = 0, 2, 4, 5, 6, 7, 8
WORKER = "hone"


def _distribution_json(distribution: BaseDistribution) -> str:
    if isinstance(distribution, CategoricalDistribution):
        return json.dumps({"name": "CategoricalDistribution", "attributes": {"choices": list(distribution.choices)}})
    attributes: Dict[str, Any] = {"low": distribution.low, "high": distribution.high, "log": distribution.log, "step": distribution.step}
    return json.dumps({"name": type(distribution).__name__, "attributes": attributes})


def _distribution_of(text: str) -> BaseDistribution:
    row = json.loads(text)
    given = row["attributes"]
    if row["name"] == "CategoricalDistribution":
        return CategoricalDistribution(given["choices"])
    if row["name"] in ("IntDistribution", "IntUniformDistribution", "IntLogUniformDistribution"):
        log = bool(given.get("log", "Log" in row["name"]))
        return IntDistribution(int(given["low"]), int(given["high"]), log, 1 if log else int(given.get("step") or 1))
    if row["name"] in ("FloatDistribution", "UniformDistribution", "LogUniformDistribution", "DiscreteUniformDistribution"):
        log = bool(given.get("log", row["name"].startswith("Log")))
        return FloatDistribution(float(given["low"]), float(given["high"]), log, given.get("step", given.get("q")))
    raise InvalidError(f"a distribution {row['name']} is not known")


def _internal(distribution: BaseDistribution, value: Any) -> float:
    if isinstance(distribution, CategoricalDistribution):
        return float(distribution.texts().index(distribution.text(value)))
    return float(value)


def _moment(when: Optional[datetime.datetime]) -> Optional[str]:
    return when.isoformat(timespec="microseconds") if when is not None else None


def _lines_of(trial: FrozenTrial, number: int) -> List[Dict[str, Any]]:
    lines: List[Dict[str, Any]] = [{"op_code": CREATE_TRIAL, "study_id": 0,
                                    "datetime_start": _moment(trial.datetime_start or datetime.datetime.now())}]
    lines += [{"op_code": PARAM, "trial_id": number, "param_name": name, "param_value_internal": _internal(trial.distributions[name], value),
               "distribution": _distribution_json(trial.distributions[name])} for name, value in trial.params.items()]
    lines += [{"op_code": INTERMEDIATE, "trial_id": number, "step": step, "intermediate_value": value}
              for step, value in sorted(trial.intermediate_values.items())]
    lines += [{"op_code": TRIAL_ATTR, "trial_id": number, "user_attr": {key: value}} for key, value in trial.user_attrs.items()]
    if trial.state != TrialState.RUNNING:
        done = {"op_code": STATE, "trial_id": number, "state": int(trial.state), "values": trial.values}
        if trial.state.is_finished():
            done["datetime_complete"] = _moment(trial.datetime_complete or datetime.datetime.now())
        lines.append(done)
    return lines


def export_journal(study: Study, path: str) -> int:
    """Write a study as a journal of Optuna's; returns the number of its trials."""
    directions = [1 if way == "minimize" else 2 for way in study.directions]
    lines: List[Dict[str, Any]] = [{"op_code": CREATE_STUDY, "study_name": study.study_name, "directions": directions}]
    lines += [{"op_code": STUDY_ATTR, "study_id": 0, "user_attr": {key: value}} for key, value in study.user_attrs.items()]
    trials = study.trials
    for number, trial in enumerate(trials):
        lines += _lines_of(trial, number)
    with open(path, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps({**line, "worker_id": WORKER}) + "\n")
    return len(trials)


class _Read:
    """One study of a journal, as its lines are read."""

    def __init__(self, row: Dict[str, Any]):
        self.name, self.directions, self.attrs = row["study_name"], row["directions"], {}
        self.trials: List[FrozenTrial] = []


def _read(path: str) -> List[_Read]:
    studies: List[_Read] = []
    trials: List[FrozenTrial] = []
    with open(path, encoding="utf-8") as file:
        for at, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                code = row["op_code"]
                if code == CREATE_STUDY:
                    studies.append(_Read(row))
                elif code == STUDY_ATTR:
                    studies[row["study_id"]].attrs.update(row["user_attr"])
                elif code == CREATE_TRIAL:
                    trial = FrozenTrial(len(studies[row["study_id"]].trials), TrialState(row.get("state", 0)), row.get("values"), {}, {})
                    for name, text in (row.get("distributions") or {}).items():
                        _set_param(trial, name, (row.get("params") or {})[name], text)
                    trial.user_attrs.update(row.get("user_attrs") or {})
                    trials.append(trial)
                    studies[row["study_id"]].trials.append(trial)
                elif code == PARAM:
                    _set_param(trials[row["trial_id"]], row["param_name"], row["param_value_internal"], row["distribution"])
                elif code == STATE:
                    trials[row["trial_id"]].state = TrialState(row["state"])
                    if row.get("values") is not None:
                        trials[row["trial_id"]].values = row["values"]
                elif code == INTERMEDIATE:
                    trials[row["trial_id"]].intermediate_values[row["step"]] = row["intermediate_value"]
                elif code == TRIAL_ATTR:
                    trials[row["trial_id"]].user_attrs.update(row["user_attr"])
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise InvalidError(f"{path}:{at}: no line of an Optuna journal: {error!r}") from error
    return studies


def _set_param(trial: FrozenTrial, name: str, internal: float, text: str) -> None:
    distribution = _distribution_of(text)
    if isinstance(distribution, CategoricalDistribution):
        value: Any = distribution.choices[int(internal)]
    else:
        value = int(internal) if isinstance(distribution, IntDistribution) else float(internal)
    trial.params[name], trial.distributions[name] = value, distribution


def import_journal(path: str, *, study_name: Optional[str] = None, storage: Optional[str] = None, **options: Any) -> Study:
    """A study of a journal of Optuna's, the only one in it unless named, as a new study; options are those of create_study."""
    studies = _read(path)
    named = [study for study in studies if study_name is None or study.name == study_name]
    if len(named) != 1:
        raise InvalidError(f"{path} holds the studies {[study.name for study in studies]}: say which by study_name")
    read = named[0]
    study = create_study(directions=["minimize" if way == 1 else "maximize" for way in read.directions], study_name=read.name,
                         storage=storage, **options)
    for key, value in read.attrs.items():
        study.set_user_attr(key, value)
    finished = [trial for trial in read.trials if trial.state.is_finished()]
    if finished:
        study.add_trials(finished)
    return study
