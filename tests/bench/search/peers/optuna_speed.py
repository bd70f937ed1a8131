"""optuna_speed.py SAMPLER N REPEATS: the peer of speed.c: median of REPEATS asks after N finished random trials, one JSON line."""
import json
import statistics
import sys
import time
import warnings

import numpy as np
import optuna
from optuna.distributions import FloatDistribution

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
SAMPLERS = {"tpe": optuna.samplers.TPESampler, "cmaes": optuna.samplers.CmaEsSampler, "random": optuna.samplers.RandomSampler,
            "gp": lambda seed: optuna.samplers.GPSampler(seed=seed, deterministic_objective=True)}
SPACE = {f"x{i}": FloatDistribution(0, 1) for i in range(10)}


def loss(x):
    return sum((v - 0.3) ** 2 * (i + 1) for i, v in enumerate(x))


def step(study):
    began = time.perf_counter()
    trial = study.ask(SPACE)
    seconds = time.perf_counter() - began
    study.tell(trial, loss(trial.params.values()))
    return seconds


name, n, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
study = optuna.create_study(sampler=SAMPLERS[name](seed=1))
points = np.random.default_rng(1).uniform(size=(n, 10))
study.add_trials([optuna.trial.create_trial(params=dict(zip(SPACE, map(float, x))), distributions=SPACE, value=float(loss(x))) for x in points])
step(study)
print(json.dumps({"method": name, "n": n, "ask_ms": 1000 * statistics.median(step(study) for _ in range(repeats))}))
