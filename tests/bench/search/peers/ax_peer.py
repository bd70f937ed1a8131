"""Ax (BoTorch): https://ax.dev. The Client's loop of get_next_trials and complete_trial with its default generation strategy. Conditional
parameters are always suggested."""
import logging
import warnings

import torch
from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
torch.set_num_threads(1)
PACKAGES = ["ax-platform", "botorch", "gpytorch", "torch", "numpy"]


def dimension(p):
    if p["type"] in ("categorical", "ordinal"):
        kind = "str" if p["type"] == "categorical" else "float"
        values = p["values"] if kind == "str" else [float(v) for v in p["values"]]
        return ChoiceParameterConfig(name=p["name"], values=values, parameter_type=kind, is_ordered=kind == "float")
    return RangeParameterConfig(name=p["name"], bounds=(p["low"], p["high"]), parameter_type=p["type"],
                                scaling="log" if p["log"] else "linear")


def solve(problem, seed, evaluate, n):
    torch.manual_seed(seed)
    client = Client(random_seed=seed)
    client.configure_experiment(parameters=[dimension(p) for p in problem.space])
    client.configure_optimization(objective="-loss")
    for _ in range(n):
        for index, config in client.get_next_trials(max_trials=1).items():
            result = evaluate(config)
            if result.is_ok:
                client.complete_trial(index, raw_data={"loss": result.loss})
            else:
                client.mark_trial_failed(index)


SOLVERS = {"ax": solve}
CANNOT = {"ax": lambda problem: problem.n_objectives > 1 or problem.n_constraints > 0}
