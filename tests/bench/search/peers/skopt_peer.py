"""scikit-optimize: https://scikit-optimize.readthedocs.io. Optimizer with its defaults for gp_minimize: GP, gp_hedge, 10 initial points.
Conditional parameters are always suggested: it has no conditions."""
import warnings

from skopt import Optimizer
from skopt.space import Categorical, Integer, Real

warnings.simplefilter("ignore")
PACKAGES = ["scikit-optimize", "scikit-learn", "numpy"]


def dimension(p):
    if p["type"] in ("categorical", "ordinal"):
        return Categorical(p["values"], name=p["name"])
    prior = "log-uniform" if p["log"] else "uniform"
    return Integer(int(p["low"]), int(p["high"]), prior=prior, name=p["name"]) if p["type"] == "int" else \
        Real(p["low"], p["high"], prior=prior, name=p["name"])


def plain(value):
    return value.item() if hasattr(value, "item") else value


def solve(problem, seed, evaluate, n):
    optimizer = Optimizer([dimension(p) for p in problem.space], base_estimator="GP", n_initial_points=10, acq_func="gp_hedge",
                          random_state=seed)
    worst, failed = None, []
    for _ in range(n):
        asked = optimizer.ask()
        result = evaluate({p["name"]: plain(v) for p, v in zip(problem.space, asked)})
        if result.is_ok:
            worst = result.loss if worst is None else max(worst, result.loss)
            optimizer.tell(asked, result.loss)
        else:
            failed.append(asked)
        if worst is not None:  # a failure counts as the worst seen
            for x in failed:
                optimizer.tell(x, worst)
            failed = []


SOLVERS = {"skopt": solve}
CANNOT = {"skopt": lambda problem: problem.n_objectives > 1 or problem.n_constraints > 0}
