"""pycma: https://github.com/CMA-ES/pycma. BIPOP restarts (cma.fmin2 with bipop), x in [0, 1]^d, sigma0 a quarter of the range, integers by
the option integer_variables."""
import warnings

import cma
import numpy as np

import unit

warnings.simplefilter("ignore")
PACKAGES = ["cma", "numpy"]


def solve(problem, seed, evaluate, n):
    space = problem.space
    width = [p["high"] - p["low"] if p["type"] == "int" and not p["log"] else 1 for p in space]

    def config_of(x):
        config = {}
        for p, w, v in zip(space, width, x):
            integer = p["type"] == "int" and not p["log"]
            config[p["name"]] = int(min(max(round(v + p["low"]), p["low"]), p["high"])) if integer else unit.decode(p, v)
        return config

    def loss(x):
        result = evaluate(config_of(x))
        return result.loss if result.is_ok else np.nan

    options = {"bounds": [[0] * len(space), width], "seed": seed, "verbose": -9, "maxfevals": n,
               "CMA_stds": [w / 4 for w in width],
               "integer_variables": [i for i, p in enumerate(space) if p["type"] == "int" and not p["log"]]}
    generator = np.random.default_rng(seed)
    cma.fmin2(loss, lambda: [generator.uniform(0, w) for w in width], 1.0, options, restarts=9, bipop=True)


SOLVERS = {"pycma": solve}
CANNOT = {"pycma": lambda problem: problem.n_objectives > 1 or problem.n_constraints > 0 or len(problem.space) < 2
          or not unit.is_numeric(problem.space)}
