"""Katib's interface: tune() turns a function into trials, KatibClient reads and edits experiments, search.* are parameters.

What KatibClient's users find here and what not: docs/python.md.
"""

from __future__ import annotations

import inspect
import json
import textwrap
import time
from typing import Any, Callable, Dict, List, Optional, Union

from .embedded import open_service
from .exceptions import HoneError, UnreachableError

DEFAULT_NAMESPACE = "default"


class search:
    """Parameters of tune(), as in kubeflow.katib.search."""

    @staticmethod
    def double(min: float, max: float, step: Optional[float] = None, distribution: Optional[str] = None) -> Dict[str, Any]:
        return search._numeric("double", min, max, step, distribution)

    @staticmethod
    def int(min: int, max: int, step: Optional[int] = None, distribution: Optional[str] = None) -> Dict[str, Any]:
        return search._numeric("int", min, max, step, distribution)

    @staticmethod
    def categorical(list: List[Any]) -> Dict[str, Any]:
        return {"parameterType": "categorical", "feasibleSpace": {"list": [str(choice) for choice in list]}}

    @staticmethod
    def _numeric(kind: str, low: Any, high: Any, step: Any, distribution: Optional[str]) -> Dict[str, Any]:
        space = {"min": str(low), "max": str(high)}
        if step is not None:
            space["step"] = str(step)
        if distribution is not None:
            space["distribution"] = distribution
        return {"parameterType": kind, "feasibleSpace": space}


def _script(objective: Callable, parameters: Dict[str, Any], fixed: Dict[str, Any]) -> str:
    """A program that calls the function with the trial's values."""
    source = textwrap.dedent(inspect.getsource(objective))
    types = {"double": "float", "int": "int", "categorical": "str", "discrete": "float"}
    entries = [f"    {name!r}: {types[row['parameterType']]}('''${{trialParameters.{name}}}'''),\n" for name, row in parameters.items()]
    entries += [f"    {name!r}: {value!r},\n" for name, value in fixed.items()]
    return f"{source}\n{objective.__name__}({{\n{''.join(entries)}}})\n"


def _resources(given: Union[Dict[str, Any], None]) -> Dict[str, Any]:
    return {} if not given else {"resources": {"requests": dict(given), "limits": dict(given)}}


def _is_parameter(value: Any) -> bool:
    return isinstance(value, dict) and "parameterType" in value


def experiment_of(name: str, objective: Callable, parameters: Dict[str, Any], *, namespace: str = DEFAULT_NAMESPACE,
                  env_per_trial: Optional[Dict[str, str]] = None, algorithm_name: str = "random",
                  algorithm_settings: Union[dict, List[dict], None] = None, objective_metric_name: Optional[str] = None,
                  additional_metric_names: Optional[List[str]] = None, objective_type: str = "maximize",
                  objective_goal: Optional[float] = None, max_trial_count: Optional[int] = None,
                  parallel_trial_count: Optional[int] = None, max_failed_trial_count: Optional[int] = None,
                  resources_per_trial: Optional[Dict[str, Any]] = None, retain_trials: bool = False,
                  packages_to_install: Optional[List[str]] = None, pip_index_url: str = "https://pypi.org/simple") -> Dict[str, Any]:
    """The Experiment that tune() creates."""
    searched = {key: value for key, value in parameters.items() if _is_parameter(value)}
    fixed = {key: value for key, value in parameters.items() if not _is_parameter(value)}
    if not searched:
        raise ValueError("parameters: expected at least one of hone.search, got none")
    command = f"python3 -u -c {_quoted(_script(objective, searched, fixed))}"
    if packages_to_install:
        command = f"python3 -m pip install --quiet --index-url {_quoted(pip_index_url)} " \
                  f"{' '.join(_quoted(package) for package in packages_to_install)} && {command}"
    container = {"name": "main", "image": "python", "command": ["sh", "-c", command], **_resources(resources_per_trial)}
    if env_per_trial:
        container["env"] = [{"name": key, "value": str(value)} for key, value in env_per_trial.items()]
    target: Dict[str, Any] = {"type": objective_type, "objectiveMetricName": objective_metric_name}
    if objective_goal is not None:
        target["goal"] = objective_goal
    if additional_metric_names:
        target["additionalMetricNames"] = list(additional_metric_names)
    settings = algorithm_settings.items() if isinstance(algorithm_settings, dict) else (
        (row["name"], row["value"]) for row in algorithm_settings or [])
    spec: Dict[str, Any] = {
        "objective": target,
        "algorithm": {"algorithmName": algorithm_name, "algorithmSettings": [{"name": key, "value": str(value)} for key, value in settings]},
        "parameters": [{"name": key, **value} for key, value in searched.items()],
        "trialTemplate": {
            "primaryContainerName": "main",
            "retain": retain_trials,
            "trialParameters": [{"name": key, "reference": key} for key in searched],
            "trialSpec": {"apiVersion": "batch/v1", "kind": "Job", "spec": {
                "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}},
        },
    }
    for key, value in (("maxTrialCount", max_trial_count), ("parallelTrialCount", parallel_trial_count),
                       ("maxFailedTrialCount", max_failed_trial_count)):
        if value is not None:
            spec[key] = value
    return {"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


class KatibClient:
    """KatibClient's calls on a Hone service: storage as in create_study (a database, tcp://HOST:PORT, or None)."""

    def __init__(self, storage: Optional[str] = None, namespace: str = DEFAULT_NAMESPACE, key: Optional[str] = None, **_: Any):
        self._service = open_service(storage, key)
        self.namespace = namespace

    def _target(self, name: str, namespace: Optional[str]) -> Dict[str, str]:
        return {"namespace": namespace or self.namespace, "name": name}

    def tune(self, name: str, objective: Callable, parameters: Dict[str, Any], namespace: Optional[str] = None,
             objective_metric_name: Optional[str] = None, **options: Any) -> Dict[str, Any]:
        """Create an experiment whose trials call objective(parameters); it prints `METRIC=VALUE` lines."""
        if objective_metric_name is None:
            raise ValueError("objective_metric_name: expected the name of the metric that the objective prints")
        document = experiment_of(name, objective, parameters, namespace=namespace or self.namespace,
                                 objective_metric_name=objective_metric_name, **options)
        return self.create_experiment(document)

    def create_experiment(self, experiment: Union[Dict[str, Any], str], namespace: Optional[str] = None) -> Dict[str, Any]:
        """An Experiment as a dict or as the text of a file."""
        text = experiment if isinstance(experiment, str) else json.dumps(experiment)
        answer = self._service.call("experiment.create", {"files": [{"path": "-", "shown": "experiment", "text": text}],
                                                          "namespace": namespace or self.namespace, "claim": True})
        return answer["experiments"][0]

    def get_experiment(self, name: str, namespace: Optional[str] = None) -> Dict[str, Any]:
        """The Experiment as Katib shows it, with its status."""
        return self._service.call("experiment.get", {**self._target(name, namespace), "form": "katib"})["experiment"]

    def list_experiments(self, namespace: Optional[str] = None) -> List[Dict[str, Any]]:
        rows = self._service.call("experiment.list", {"namespace": namespace or self.namespace, "only_names": True})["experiments"]
        return [self.get_experiment(row["name"], row["namespace"]) for row in rows]

    def get_experiment_conditions(self, name: str, namespace: Optional[str] = None) -> List[Dict[str, Any]]:
        return self.get_experiment(name, namespace).get("status", {}).get("conditions", [])

    def _has_condition(self, name: str, namespace: Optional[str], kind: str) -> bool:
        return any(row["type"] == kind and row["status"] == "True" for row in self.get_experiment_conditions(name, namespace))

    def is_experiment_created(self, name: str, namespace: Optional[str] = None) -> bool:
        return self._has_condition(name, namespace, "Created")

    def is_experiment_running(self, name: str, namespace: Optional[str] = None) -> bool:
        return self._has_condition(name, namespace, "Running")

    def is_experiment_restarting(self, name: str, namespace: Optional[str] = None) -> bool:
        return self._has_condition(name, namespace, "Restarting")

    def is_experiment_succeeded(self, name: str, namespace: Optional[str] = None) -> bool:
        return self._has_condition(name, namespace, "Succeeded")

    def is_experiment_failed(self, name: str, namespace: Optional[str] = None) -> bool:
        return self._has_condition(name, namespace, "Failed")

    def wait_for_experiment_condition(self, name: str, namespace: Optional[str] = None, expected_condition: str = "Succeeded",
                                      timeout: float = 600, polling_interval: float = 1) -> Dict[str, Any]:
        """The Experiment once the condition holds. HoneError: it has ended otherwise; UnreachableError: the time is over."""
        end = time.monotonic() + timeout
        while True:
            if self._has_condition(name, namespace, expected_condition):
                return self.get_experiment(name, namespace)
            if expected_condition != "Failed" and self.is_experiment_failed(name, namespace):
                raise HoneError(f"experiment {name} has failed: {self.get_experiment_conditions(name, namespace)[-1]['message']}")
            if time.monotonic() >= end:
                raise UnreachableError(f"experiment {name} is not {expected_condition} within {timeout} s")
            time.sleep(min(polling_interval, max(0.0, end - time.monotonic())))

    def edit_experiment_budget(self, name: str, namespace: Optional[str] = None, max_trial_count: Optional[int] = None,
                               parallel_trial_count: Optional[int] = None, max_failed_trial_count: Optional[int] = None) -> None:
        body: Dict[str, Any] = self._target(name, namespace)
        for key, value in (("maxTrialCount", max_trial_count), ("parallelTrialCount", parallel_trial_count),
                           ("maxFailedTrialCount", max_failed_trial_count)):
            if value is not None:
                body[key] = value
        self._service.call("experiment.edit", body)

    def delete_experiment(self, name: str, namespace: Optional[str] = None) -> None:
        self._service.call("experiment.delete", {**self._target(name, namespace), "purge": False})

    def list_trials(self, experiment_name: str, namespace: Optional[str] = None) -> List[Dict[str, Any]]:
        """Katib's Trial documents."""
        trials: List[Dict[str, Any]] = []
        while True:
            page = self._service.call("trial.list", {**self._target(experiment_name, namespace), "form": "katib", "after": len(trials)})["trials"]
            if not page:
                return trials
            trials += page

    def get_trial(self, name: str, namespace: Optional[str] = None) -> Dict[str, Any]:
        return self._service.call("trial.get", {"namespace": namespace or self.namespace, "trial": name, "form": "katib"})["trial"]

    def get_success_trial_details(self, experiment_name: str, namespace: Optional[str] = None) -> List[Dict[str, Any]]:
        """Name, parameter assignments and metrics of the trials that succeeded."""
        return [{"name": trial["metadata"]["name"], "parameter_assignments": trial["spec"]["parameterAssignments"],
                 "metrics": trial["status"]["observation"]["metrics"]}
                for trial in self.list_trials(experiment_name, namespace)
                if any(row["type"] == "Succeeded" and row["status"] == "True" for row in trial["status"]["conditions"])]

    def get_optimal_hyperparameters(self, name: str, namespace: Optional[str] = None) -> Dict[str, Any]:
        """status.currentOptimalTrial: bestTrialName, parameterAssignments, observation."""
        return self.get_experiment(name, namespace).get("status", {}).get("currentOptimalTrial", {})

    def get_trial_metrics(self, name: str, namespace: Optional[str] = None) -> List[Dict[str, Any]]:
        """Every report of a trial: time_stamp, metric name and value."""
        rows = self._service.call("trial.curve", {"namespace": namespace or self.namespace, "trial": name})["reports"]
        return [{"time_stamp": row["time"], "metric": {"name": row["metric"], "value": row["value"]}} for row in rows]

    def get_job_logs(self, name: str, namespace: Optional[str] = None) -> str:
        """What a trial has printed."""
        text, offset = b"", 0
        while True:
            answer = self._service.call("trial.logs", {"namespace": namespace or self.namespace, "trial": name, "offset": offset})
            if not answer["bytes"]:
                return text.decode(errors="replace")
            text, offset = text + answer["bytes"], answer["next"]


def tune(name: str, objective: Callable, parameters: Dict[str, Any], *, storage: Optional[str] = None, key: Optional[str] = None,
         **options: Any) -> KatibClient:
    """KatibClient(storage).tune(...), for one experiment; returns the client."""
    client = KatibClient(storage, key=key)
    client.tune(name, objective, parameters, **options)
    return client
