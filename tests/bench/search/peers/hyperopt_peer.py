"""Hyperopt: http://hyperopt.github.io/hyperopt. fmin with tpe.suggest; conditions as nested hp.choice, as its documentation shows."""
import logging

import numpy as np
from hyperopt import STATUS_FAIL, STATUS_OK, fmin, hp, space_eval, tpe

logging.getLogger("hyperopt").setLevel(logging.ERROR)
PACKAGES = ["hyperopt", "numpy"]


def dimension(p):
    name = p["name"]
    if p["type"] in ("categorical", "ordinal"):
        return hp.choice(name, p["values"])
    low, high = p["low"], p["high"]
    if p["type"] == "int":
        return hp.qloguniform(name, np.log(max(low - 0.5, 0.5)), np.log(high + 0.5), 1) if p["log"] else hp.uniformint(name, low, high)
    if "step" in p:
        return hp.quniform(name, low, high, p["step"])
    return hp.loguniform(name, np.log(low), np.log(high)) if p["log"] else hp.uniform(name, low, high)


def tree(space, parents=None):
    """Parameters without a condition; a choice that switches others on holds, for each value, a dictionary with those."""
    built = {}
    for p in space:
        condition = p.get("if")
        if (condition["param"] if condition else None) != (parents[0] if parents else None):
            continue
        if condition and parents[1] not in condition["in"]:
            continue
        if any(q.get("if") and q["if"]["param"] == p["name"] for q in space):
            options = [{p["name"]: value, "below": tree(relabelled(space, p["name"], value), (p["name"], value))} for value in p["values"]]
            built[p["name"]] = hp.choice(p.get("label", p["name"]), options)
        else:
            built[p["name"]] = dimension(dict(p, name=p.get("label", p["name"])))
    return built


def relabelled(space, parent, value):
    """Labels must differ where two values switch on the same parameter."""
    return [dict(p, label=f"{p['name']}@{value}") if p.get("if") and p["if"]["param"] == parent else p for p in space]


def flatten(point):
    config = {}
    for name, value in point.items():
        if isinstance(value, dict):
            below = value.pop("below")
            config.update(value)
            config.update(flatten(below))
        else:
            config[name] = value
    return config


def tidy(config, space):
    """Whole numbers and values within the range: quantised values may leave it by their rounding."""
    for p in space:
        if p["name"] in config and p["type"] in ("int", "float"):
            value = min(max(config[p["name"]], p["low"]), p["high"])
            config[p["name"]] = int(round(value)) if p["type"] == "int" else float(value)
    return config


def solve(problem, seed, evaluate, n):
    space = tree(problem.space)

    def objective(point):
        result = evaluate(tidy(flatten(point), problem.space))
        return {"status": STATUS_OK, "loss": result.loss} if result.is_ok else {"status": STATUS_FAIL}

    fmin(objective, space, algo=tpe.suggest, max_evals=n, rstate=np.random.default_rng(seed), show_progressbar=False,
         allow_trials_fmin=False, verbose=False)


SOLVERS = {"hyperopt": solve}
CANNOT = {"hyperopt": lambda problem: problem.n_objectives > 1 or problem.n_constraints > 0}
