"""HEBO: https://github.com/huawei-noah/HEBO. The documented loop of suggest and observe, one at a time. Conditional parameters are always
suggested: it has no conditions."""
import warnings

import numpy as np
import pandas as pd
import torch
from hebo.design_space.design_space import DesignSpace
from hebo.optimizers.hebo import HEBO

warnings.simplefilter("ignore")
torch.set_num_threads(1)
PACKAGES = ["HEBO", "torch", "gpytorch", "pymoo", "numpy"]


def dimension(p):
    if p["type"] in ("categorical", "ordinal"):
        return {"name": p["name"], "type": "cat", "categories": p["values"]}
    if p["type"] == "int":
        kind = "pow_int" if p["log"] else "int"
    else:
        kind = "pow" if p["log"] else "num"
    return {"name": p["name"], "type": kind, "lb": p["low"], "ub": p["high"]}


def solve(problem, seed, evaluate, n):
    np.random.seed(seed)
    torch.manual_seed(seed)
    optimizer = HEBO(DesignSpace().parse([dimension(p) for p in problem.space]), scramble_seed=seed)
    failed, worst = [], None
    for _ in range(n):
        asked = optimizer.suggest(n_suggestions=1)
        config = asked.iloc[0].to_dict()
        for p in problem.space:
            if p["type"] == "int":
                config[p["name"]] = int(config[p["name"]])
        result = evaluate(config)
        if result.is_ok:
            worst = result.loss if worst is None else max(worst, result.loss)
            optimizer.observe(asked, np.array([[result.loss]]))
        elif worst is None:
            failed.append(asked)
        else:
            optimizer.observe(asked, np.array([[worst]]))
        if worst is not None and failed:  # a failure counts as the worst seen
            optimizer.observe(pd.concat(failed), np.full((len(failed), 1), worst))
            failed = []


SOLVERS = {"hebo": solve}
CANNOT = {"hebo": lambda problem: problem.n_objectives > 1 or problem.n_constraints > 0}
