"""OSS Vizier: https://oss-vizier.readthedocs.io. Its default algorithm for flat spaces, GP-UCB-PE (GP bandit), as a designer in process: the
loop of suggest and update of its documentation for benchmarks."""
import logging
import warnings

import jax
from vizier import algorithms as vza
from vizier import pyvizier as vz
from vizier._src.algorithms.designers import gp_ucb_pe

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
PACKAGES = ["google-vizier", "jax", "numpy"]


def add_dimension(root, p):
    scale = vz.ScaleType.LOG if p.get("log") else vz.ScaleType.LINEAR
    if p["type"] == "categorical":
        root.add_categorical_param(p["name"], p["values"])
    elif p["type"] == "ordinal":
        root.add_discrete_param(p["name"], [float(v) for v in p["values"]])
    elif p["type"] == "int":
        root.add_int_param(p["name"], int(p["low"]), int(p["high"]), scale_type=scale)
    else:
        root.add_float_param(p["name"], p["low"], p["high"], scale_type=scale)


def solve(problem, seed, evaluate, n):
    study = vz.ProblemStatement()
    for p in problem.space:
        add_dimension(study.search_space.root, p)
    study.metric_information.append(vz.MetricInformation("loss", goal=vz.ObjectiveMetricGoal.MINIMIZE))
    designer = gp_ucb_pe.VizierGPUCBPEBandit(study, rng=jax.random.PRNGKey(seed))
    for k in range(n):
        trial = designer.suggest(1)[0].to_trial(k + 1)
        result = evaluate({name: value for name, value in trial.parameters.as_dict().items()})
        if result.is_ok:
            trial.complete(vz.Measurement({"loss": result.loss}))
        else:
            trial.complete(vz.Measurement(), infeasibility_reason="failed")
        designer.update(vza.CompletedTrials([trial]), vza.ActiveTrials())


SOLVERS = {"vizier": solve}
CANNOT = {"vizier": lambda problem: problem.n_objectives > 1 or problem.n_constraints > 0 or any("if" in p for p in problem.space)}
