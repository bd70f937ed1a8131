"""Studies: Optuna's interface to experiments whose trials this program runs."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import math
import re
import secrets
import sys
import threading
import time
import traceback
import warnings
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any, Callable, Container, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Type, Union

from .distributions import BaseDistribution, of_parameter
from .embedded import open_service
from .stream import Stream
from .exceptions import ConflictError, DuplicatedStudyError, FinishedError, HoneError, InvalidError, NotFoundError, TrialPruned
from .trial import STATE_OF, FrozenTrial, Trial, TrialState, check_json
from .wire import Service

LEASE_SECONDS = 60.0
ASK_WAIT_MS = 10000
NAMESPACE = "default"
FIXED_NOTE = "fixed_params"     # of an enqueued trial: what was asked for
STATE_SAID = {TrialState.COMPLETE: "complete", TrialState.FAIL: "failed", TrialState.PRUNED: "pruned", TrialState.WAITING: "waiting"}
DIRECTIONS = ("minimize", "maximize")

Objective = Callable[[Trial], Union[float, Sequence[float]]]
Callback = Callable[["Study", FrozenTrial], None]


class StudyDirection(str):
    """minimize or maximize; MINIMIZE and MAXIMIZE as in Optuna."""

    @property
    def name(self) -> str:
        return self.upper()


StudyDirection.MINIMIZE = StudyDirection("minimize")      # type: ignore[attr-defined]
StudyDirection.MAXIMIZE = StudyDirection("maximize")      # type: ignore[attr-defined]


def experiment_name(study_name: str) -> str:
    """A name that an experiment can have: itself, or letters of it and a digest of the rest."""
    if re.fullmatch(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", study_name):
        return study_name
    word = re.sub(r"[^a-z0-9]+", "-", study_name.lower()).strip("-")[:28].strip("-")
    digest = hashlib.sha256(study_name.encode()).hexdigest()[:8]
    return f"s-{word}-{digest}" if word else f"s-{digest}"


def _time(text: Optional[str]) -> Optional[datetime.datetime]:
    if not text:
        return None
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone().replace(tzinfo=None)


def _text(value: Any) -> Any:
    """A value for the space, when its distribution is not known yet: texts in quotes, since 1 and "1" may both be choices."""
    return json.dumps(value) if value is None or isinstance(value, (bool, str)) else value


def _sendable(text: str) -> str:
    """Any text as UTF-8 without NUL, which messages are made of."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


class Study:
    """A study that exists. create_study and load_study make it."""

    def __init__(self, service: Service, name: str, namespace: str = NAMESPACE):
        self._service = service
        self._target = {"namespace": namespace, "name": experiment_name(name)}
        self._known: Dict[str, BaseDistribution] = {}     # as the service knows them too
        self._held: Dict[int, Trial] = {}
        self._guard = threading.Lock()
        self._beater: Optional[threading.Thread] = None
        self._stop = threading.Event()
        self._optimizing = False
        view = self._experiment()
        self.study_name = view.get("notes", {}).get("study_name", name)
        self.directions = [StudyDirection(aim["type"]) for aim in view["objectives"]]
        self.metric_names = [aim["metric"] for aim in view["objectives"]]

    # --- what is known ---

    def _experiment(self) -> Dict[str, Any]:
        return self._service.call("experiment.get", self._target)["experiment"]

    @property
    def direction(self) -> StudyDirection:
        if len(self.directions) > 1:
            raise RuntimeError("a study of several objectives has directions, not a direction")
        return self.directions[0]

    @property
    def user_attrs(self) -> Dict[str, Any]:
        notes = self._experiment().get("notes", {})
        return {key: value for key, value in notes.items() if key != "study_name"}

    @property
    def system_attrs(self) -> Dict[str, Any]:
        return {}

    def set_user_attr(self, key: str, value: Any) -> None:
        """Keep a value that JSON can hold with the study."""
        if key == "study_name":
            raise InvalidError("study_name is kept for the study's own name")
        check_json(key, value)
        self._service.call("note", {**self._target, "notes": {key: value}})

    def _distributions(self) -> Dict[str, BaseDistribution]:
        spec = self._experiment().get("spec", {})
        return {row["name"]: of_parameter(row) for row in spec.get("parameters") or []}

    def _frozen(self, view: Dict[str, Any], distributions: Dict[str, BaseDistribution]) -> FrozenTrial:
        state = STATE_OF.get(view["state"], TrialState.FAIL)
        params = {name: distributions[name].external(text) for name, text in view["assignments"].items()
                  if text is not None and name in distributions}
        values = [None if aim.get("value") is None else float(aim["value"]) for aim in view["objectives"]]
        number, notes = view["number"], dict(view.get("notes") or {})
        fixed = notes.pop(FIXED_NOTE, None)
        frozen = FrozenTrial(number - 1, state, None if any(value is None for value in values) or state == TrialState.FAIL else values,
                             params, {name: distributions[name] for name in params}, notes, {},
                             _time(view.get("started")), _time(view.get("completed")), view["name"], view.get("message") or "",
                             view.get("why") or "", {"fixed_params": fixed} if fixed is not None else {})
        if len(self.directions) == 1 and view["observation"]:
            frozen.intermediate_values = self._intermediate(number)
        return frozen

    def _intermediate(self, number: int) -> Dict[int, float]:
        reports = self._service.call("trial.curve", {**self._target, "trial": str(number), "metric": self.metric_names[0]})["reports"]
        return {report["step"]: float(report["value"]) for report in reports if report["step"] is not None}

    def get_trials(self, deepcopy: bool = True, states: Optional[Container[TrialState]] = None) -> List[FrozenTrial]:
        """All trials by number, or those in some states."""
        del deepcopy
        distributions = self._distributions()
        trials: List[FrozenTrial] = []
        after = 0
        while True:
            page = self._service.call("trial.list", {**self._target, "after": after})["trials"]
            if not page:
                return trials
            after = page[-1]["number"]
            trials += [self._frozen(view, distributions) for view in page
                       if states is None or STATE_OF.get(view["state"], TrialState.FAIL) in states]

    @property
    def trials(self) -> List[FrozenTrial]:
        return self.get_trials()

    def _frozen_of(self, number: int) -> FrozenTrial:
        view = self._service.call("trial.get", {**self._target, "trial": str(number + 1)})["trial"]
        return self._frozen(view, self._distributions())

    @property
    def best_trial(self) -> FrozenTrial:
        """Of one objective, the best complete trial; constraints are kept where any trial keeps them."""
        if len(self.directions) > 1:
            raise RuntimeError("a study of several objectives has best_trials, not a best_trial")
        best = self._experiment().get("best")
        if not best:
            raise ValueError("no trial is complete yet")
        return self._frozen(best, self._distributions())

    @property
    def best_trials(self) -> List[FrozenTrial]:
        """The Pareto set."""
        if len(self.directions) == 1:
            return [self.best_trial]
        best = self._experiment().get("best") or {}
        numbers = [view["number"] for view in best.get("pareto") or []]
        return [self._frozen_of(number - 1) for number in sorted(numbers)]

    @property
    def best_params(self) -> Dict[str, Any]:
        return self.best_trial.params

    @property
    def best_value(self) -> float:
        return self.best_trial.value              # type: ignore[return-value]

    def trials_dataframe(self, attrs: Tuple[str, ...] = ("number", "value", "datetime_start", "datetime_complete", "duration", "params",
                                                         "user_attrs", "state"), multi_index: bool = False):
        """A pandas DataFrame, one row a trial."""
        import pandas
        if multi_index:
            raise NotImplementedError("multi_index")
        rows = []
        for trial in self.trials:
            row: Dict[str, Any] = {}
            for attr in attrs:
                if attr in ("value", "values") and len(self.directions) > 1:
                    row.update({f"values_{i}": trial.values[i] if trial.values else None for i in range(len(self.directions))})
                elif attr in ("params", "user_attrs"):
                    row.update({f"{attr}_{name}": value for name, value in sorted(getattr(trial, attr).items())})
                elif attr == "state":
                    row[attr] = trial.state.name
                else:
                    row[attr] = getattr(trial, attr)
            rows.append(row)
        return pandas.DataFrame(rows)

    # --- ask and tell ---

    def ask(self, fixed_distributions: Optional[Dict[str, BaseDistribution]] = None) -> Trial:
        """The next trial. With fixed distributions its parameters are drawn at once."""
        key = secrets.token_hex(16)
        while True:
            answer = self._service.call("trial.ask", {**self._target, "lease_s": LEASE_SECONDS, "wait_ms": ASK_WAIT_MS, "key": key})
            if answer.get("finished"):
                raise FinishedError(f"study {self.study_name} gives no more trials: {answer.get('message', answer.get('reason', ''))}")
            if not answer.get("busy"):
                break
        trial = Trial(self, answer)
        self._hold(trial)
        for name, distribution in (fixed_distributions or {}).items():
            trial._suggest(name, distribution)
        return trial

    def tell(self, trial: Union[Trial, int], values: Union[float, Sequence[float], None] = None,
             state: Union[TrialState, str, None] = None, skip_if_finished: bool = False) -> FrozenTrial:
        """How a trial has ended: its value or values, or state="failed", "infeasible", "pruned"."""
        held = trial if isinstance(trial, Trial) else self._held.get(int(trial))
        if held is None:
            frozen = self._frozen_of(int(trial))            # type: ignore[arg-type]
            if skip_if_finished and frozen.state.is_finished():
                return frozen
            raise ConflictError(f"trial {trial} is not held by this program")
        said = STATE_SAID.get(state, state) if isinstance(state, TrialState) else state
        body: Dict[str, Any] = {"parameters": list(held._params)} if held._params else {}
        numbers, fault = self._numbers(values)
        if said is None:
            said = "failed" if fault else "complete"
        elif said == "complete" and fault:
            raise InvalidError(fault)
        if said in ("complete", "pruned") and numbers:
            body["metrics"] = dict(zip(self.metric_names, numbers))
        elif said == "failed" and fault and values is not None:
            body["message"] = fault
        try:
            self._service.call("trial.tell", {**held._ids, **body, "state": said})
        except ConflictError:
            if not skip_if_finished:
                raise
        finally:
            self._release(held)
        return self._frozen_of(held.number)

    def _numbers(self, values: Any) -> Tuple[List[float], Optional[str]]:
        """The objective's values as numbers, or what is wrong with them."""
        given = list(values) if isinstance(values, (list, tuple)) else [] if values is None else [values]
        if len(given) != len(self.directions):
            return [], f"expected {len(self.directions)} value(s), got {len(given)}"
        try:
            numbers = [float(value) for value in given]
        except (TypeError, ValueError, OverflowError):
            return [], f"expected numbers, got {given}"[:500]
        if any(math.isnan(number) for number in numbers):
            return [], "the value is nan"
        return numbers, None

    def _say_failed(self, trial: Trial, error: BaseException) -> None:
        tail = "".join(traceback.format_exception(type(error), error, error.__traceback__))[-4000:]
        body = {"state": "failed", "message": _sendable(f"{type(error).__name__}: {error}")[:500], "tail": _sendable(tail)[-4000:],
                **({"parameters": list(trial._params)} if trial._params else {})}
        try:
            self._service.call("trial.tell", {**trial._ids, **body})
        finally:
            self._release(trial)

    # --- leases ---

    def _hold(self, trial: Trial) -> None:
        with self._guard:
            self._held[trial.number] = trial
            if self._beater is None or not self._beater.is_alive():
                self._beater = threading.Thread(target=self._beat, name="hone-lease", daemon=True)
                self._beater.start()

    def _release(self, trial: Trial) -> None:
        with self._guard:
            self._held.pop(trial.number, None)

    def _beat(self) -> None:
        """Renew the leases of what is held; a program that dies stops doing so."""
        while True:
            time.sleep(LEASE_SECONDS / 4)
            with self._guard:
                held = list(self._held.values())
                if not held:
                    self._beater = None
                    return
            for trial in held:
                with contextlib.suppress(HoneError):
                    trial._beat()

    # --- optimize ---

    def optimize(self, func: Objective, n_trials: Optional[int] = None, timeout: Optional[float] = None, n_jobs: int = 1,
                 catch: Union[Iterable[Type[Exception]], Type[Exception]] = (), callbacks: Optional[Iterable[Callback]] = None,
                 gc_after_trial: bool = False, show_progress_bar: bool = False) -> None:
        """Run an objective on trials, n_trials of them or as many as begin within timeout seconds, n_jobs threads at a time
        (-1: as many as processors). A failure that is not to be caught ends it, and the trial is Failed."""
        del gc_after_trial
        if self._optimizing:
            raise RuntimeError("optimize cannot be called within optimize")
        caught = (catch,) if isinstance(catch, type) else tuple(catch)
        jobs = _processors() if n_jobs == -1 else max(1, int(n_jobs))
        end = time.monotonic() + timeout if timeout is not None else None
        progress = _Progress(self, n_trials) if show_progress_bar else None
        self._stop.clear()
        self._optimizing = True
        try:
            self._run_all(func, n_trials, end, jobs, caught, list(callbacks or []), progress)
        finally:
            self._optimizing = False
            self._service.sweep()
            if progress is not None:
                progress.end()

    def _run_all(self, func: Objective, n_trials: Optional[int], end: Optional[float], jobs: int, caught: tuple,
                 callbacks: List[Callback], progress: Optional["_Progress"]) -> None:
        def is_over(n_begun: int) -> bool:
            return (self._stop.is_set() or (n_trials is not None and n_begun >= n_trials)
                    or (end is not None and time.monotonic() >= end))

        n_begun = 0
        if jobs == 1:
            while not is_over(n_begun):
                n_begun += 1
                if not self._run_one(func, caught, callbacks, progress):
                    return
            return
        with ThreadPoolExecutor(jobs, "hone-trial") as pool:
            running: set = set()
            while True:
                while len(running) < jobs and not is_over(n_begun):
                    n_begun += 1
                    running.add(pool.submit(self._run_one, func, caught, callbacks, progress))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    if future.exception() is not None:
                        self._stop.set()
                for future in done:
                    if not future.result():
                        self._stop.set()

    def _run_one(self, func: Objective, caught: tuple, callbacks: List[Callback], progress: Optional["_Progress"]) -> bool:
        """False: the study gives no more trials."""
        try:
            trial = self.ask()
        except FinishedError as error:
            if "max trial count" not in str(error):
                warnings.warn(str(error), stacklevel=2)
            return False
        try:
            values = func(trial)                              # type: ignore[arg-type]
        except TrialPruned:
            frozen = self.tell(trial, state="pruned")
        except (Exception, KeyboardInterrupt) as error:
            self._say_failed(trial, error)
            if not isinstance(error, caught):
                raise
            warnings.warn(f"trial {trial.number} failed: {type(error).__name__}: {error}", stacklevel=2)
            frozen = self._frozen_of(trial.number)
        else:
            frozen = self.tell(trial, values)
            if frozen.state == TrialState.FAIL:
                warnings.warn(f"trial {trial.number} failed: {frozen.message}", stacklevel=2)
        if progress is not None:
            progress.show()
        for callback in callbacks:
            callback(self, frozen)
        return True

    def events(self, since: int = 0) -> Iterator[Dict[str, Any]]:
        """What happens to this study, as it happens and without end: {sequence, time, kind, trial?, detail?} each once and in order, from
        number `since` on; and between them what running trials report: {kind: "Reported", trial, metric, value, step?}. Trials count from 1
        here."""
        stream = Stream(self._service, self._target, since)
        try:
            yield from stream
        finally:
            stream.close()

    def stop(self) -> None:
        """Begin no further trial of the running optimize."""
        if not self._optimizing:
            raise RuntimeError("stop is called within optimize, by an objective or a callback")
        self._stop.set()

    # --- adding ---

    def enqueue_trial(self, params: Dict[str, Any], user_attrs: Optional[Dict[str, Any]] = None, skip_if_exists: bool = False) -> None:
        """Try this point next; what it leaves out is suggested."""
        if skip_if_exists and any(params in (trial.params, trial.system_attrs.get("fixed_params")) for trial in self.trials):
            return
        known = self._distributions()
        values = {name: known[name].text(value) if name in known else _text(value) for name, value in params.items()}
        self._add([{"state": "waiting", "values": values, "notes": {**(user_attrs or {}), FIXED_NOTE: params}}])

    def add_trial(self, trial: FrozenTrial) -> None:
        """A trial that was done elsewhere."""
        self.add_trials([trial])

    def add_trials(self, trials: Iterable[FrozenTrial]) -> None:
        """Trials that were done elsewhere. The space grows by what they have."""
        trials = list(trials)
        self._learn({name: distribution for trial in trials for name, distribution in trial.distributions.items()})
        rows = []
        for trial in trials:
            row: Dict[str, Any] = {
                "state": STATE_SAID.get(trial.state, "failed"),
                "values": {name: trial.distributions[name].text(value) for name, value in trial.params.items()},
                "notes": dict(trial.user_attrs),
            }
            if trial.values is not None:
                row["metrics"] = dict(zip(self.metric_names, trial.values))
            rows.append(row)
        for first in range(0, len(rows), 1000):
            self._add(rows[first:first + 1000])

    def _learn(self, distributions: Dict[str, BaseDistribution]) -> None:
        """The service's space has these parameters."""
        known = self._distributions()
        rows = [distribution.parameter(name) for name, distribution in distributions.items() if known.get(name) != distribution]
        if rows:
            self._service.call("experiment.grow", {**self._target, "parameters": rows})

    def _add(self, rows: List[Dict[str, Any]]) -> None:
        self._service.call("trial.add", {**self._target, "token": secrets.token_hex(16), "trials": rows})

    # --- display ---

    def __repr__(self) -> str:
        view = self._experiment()
        best = view.get("best")
        shown = f", best {best['objective']['value']} (trial {best['number'] - 1})" if best and len(self.directions) == 1 else ""
        return f"<Study {self.study_name}: {view['counts']['trials']} trials{shown}>"

    def _repr_html_(self) -> str:
        from html import escape
        trials = [trial for trial in self.trials if trial.values is not None]
        sign = -1 if self.directions[0] == "maximize" else 1
        trials.sort(key=lambda trial: sign * trial.values[0])   # type: ignore[index]
        names = sorted({name for trial in trials for name in trial.params})
        head = "".join(f"<th>{escape(word)}</th>" for word in ["trial", *self.metric_names, *names])
        rows = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in [
            trial.number, *(f"{value:.6g}" for value in trial.values or []), *(trial.params.get(name, "") for name in names)]) + "</tr>"
            for trial in trials[:10])
        return f"<b>{escape(repr(self)[1:-1])}</b><table><tr>{head}</tr>{rows}</table>"


class _Progress:
    """One line on standard error."""

    def __init__(self, study: Study, n_trials: Optional[int]):
        self._study, self._n, self._done, self._lock = study, n_trials, 0, threading.Lock()

    def show(self) -> None:
        with self._lock:
            self._done += 1
            best = self._study._experiment().get("best") if len(self._study.directions) == 1 else None
            said = f", best {float(best['objective']['value']):.6g}" if best else ""
            of = f"/{self._n}" if self._n else ""
            print(f"\r{self._done}{of} trials{said}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._done:
            print(file=sys.stderr)


def _processors() -> int:
    import os
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _settings(values: Optional[Dict[str, Any]]) -> List[Dict[str, str]]:
    return [{"name": name, "value": str(value)} for name, value in (values or {}).items() if value is not None]


def _named(given: Any, default: Optional[str]) -> Tuple[Optional[str], Dict[str, Any]]:
    """A method or rule by name, or a sampler or pruner that stands for one: its name and settings."""
    if given is None or isinstance(given, str):
        return given or default, {}
    return given.hone_name, dict(given.hone_settings)


def create_study(*, direction: Optional[str] = None, directions: Optional[Sequence[str]] = None, method: Any = None, seed: Optional[int] = None,
                 study_name: Optional[str] = None, storage: Optional[str] = None, load_if_exists: bool = False, sampler: Any = None,
                 pruner: Any = None, settings: Optional[Dict[str, Any]] = None, max_trials: Optional[int] = None, noisy: bool = False,
                 key: Optional[str] = None, namespace: str = NAMESPACE) -> Study:
    """A new study.

    direction: minimize (the default) or maximize; directions: several objectives. method: the search method by its name in Hone,
    auto by default, with its settings; or Optuna's sampler. pruner: an early-stopping rule by name, or Optuna's pruner.
    storage: None (a temporary database, or HONE_DB or HONE_SERVER), the path of a database, or tcp://HOST:PORT of a service, with
    the key file of hone keygen. DuplicatedStudyError: the name is taken and load_if_exists is not given.
    """
    if direction is not None and directions is not None:
        raise InvalidError("expected direction or directions, got both")
    ways = [str(getattr(way, "name", way)).lower() for way in (directions or [direction or "minimize"])]
    for way in ways:
        if way not in DIRECTIONS:
            raise InvalidError(f"expected minimize or maximize, got {way}")
    name = study_name or f"study-{secrets.token_hex(4)}"
    algorithm, method_settings = _named(sampler if sampler is not None else method, "auto")
    rule, rule_settings = _named(pruner, None)
    if seed is None:
        seed = getattr(sampler, "seed", None)
    metrics = ["value"] if len(ways) == 1 else [f"value_{i}" for i in range(len(ways))]
    hone: Dict[str, Any] = {"engine": "client"}
    if len(ways) > 1:
        hone["objectives"] = [{"metricName": metric, "type": way} for metric, way in zip(metrics, ways)]
    if seed is not None:
        hone["seed"] = int(seed)
    if noisy:
        hone["noisy"] = True
    spec: Dict[str, Any] = {
        "objective": {"type": ways[0], "objectiveMetricName": metrics[0]},
        "algorithm": {"algorithmName": algorithm, "algorithmSettings": _settings({**method_settings, **(settings or {})})},
        "hone": hone,
    }
    if rule is not None:
        spec["earlyStopping"] = {"algorithmName": rule, "algorithmSettings": _settings(rule_settings)}
    if max_trials is not None:
        spec["maxTrialCount"] = int(max_trials)
    document = {
        "apiVersion": "kubeflow.org/v1beta1",
        "kind": "Experiment",
        "metadata": {"name": experiment_name(name), "namespace": namespace, "annotations": {"hone.note/study_name": json.dumps(name)}},
        "spec": spec,
    }
    service = open_service(storage, key)
    try:
        made = service.call("experiment.create", {
            "files": [{"path": "-", "shown": f"study {name}", "text": json.dumps(document)}], "namespace": namespace, "claim": True})
    except ConflictError as error:
        if not load_if_exists:
            raise DuplicatedStudyError(f"a study named {name} exists: give another study_name, or load_if_exists=True") from error
        return Study(service, name, namespace)
    if made["experiments"][0]["outcome"] != "created" and not load_if_exists:
        raise DuplicatedStudyError(f"a study named {name} exists: give another study_name, or load_if_exists=True")
    return Study(service, name, namespace)


def load_study(*, study_name: str, storage: Optional[str] = None, key: Optional[str] = None, namespace: str = NAMESPACE,
               sampler: Any = None, pruner: Any = None) -> Study:
    """A study that exists. NotFoundError: there is none of that name. Its method and rule stay what they were."""
    del sampler, pruner
    return Study(open_service(storage, key), study_name, namespace)


def delete_study(*, study_name: str, storage: Optional[str] = None, key: Optional[str] = None, namespace: str = NAMESPACE) -> None:
    service = open_service(storage, key)
    service.call("experiment.delete", {"namespace": namespace, "name": experiment_name(study_name), "purge": True})


def get_all_study_names(storage: Optional[str] = None, key: Optional[str] = None, namespace: str = NAMESPACE) -> List[str]:
    service = open_service(storage, key)
    experiments = service.call("experiment.list", {"namespace": namespace})["experiments"]
    return [experiment["notes"].get("study_name", experiment["name"]) for experiment in experiments]


def get_param_importances(study: Study, *, evaluator: Any = None, params: Optional[List[str]] = None, target: Any = None,
                          normalize: bool = True) -> Dict[str, float]:
    """Shares of 1, largest first: what explains the objective's variance (fanova), or sets the best apart (ped-anova)."""
    if target is not None:
        raise NotImplementedError("target: importances are those of an objective")
    body = dict(study._target)
    name = evaluator if isinstance(evaluator, str) else getattr(evaluator, "hone_name", None)
    if name is not None:
        body["evaluator"] = name
    rows = study._service.call("experiment.importance", body, seconds=120)["parameters"]
    found = {row["name"]: float(row["importance"]) for row in rows if params is None or row["name"] in params}
    total = sum(found.values())
    return {name: value / total if normalize and params is not None and total > 0 else value for name, value in found.items()}
