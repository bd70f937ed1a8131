"""DEHB: https://automl.github.io/DEHB. ask and tell with eta 3, from the lowest to the full fidelity."""
import math
import tempfile
import warnings

from dehb import DEHB

import spaces_configspace

warnings.simplefilter("ignore")
PACKAGES = ["dehb", "ConfigSpace", "numpy"]
CRASH_LOSS = 1e12


def solve(problem, seed, evaluate, n):
    fidelity = problem.fidelity
    with tempfile.TemporaryDirectory() as directory:
        optimizer = DEHB(cs=spaces_configspace.build(problem.space, seed), min_fidelity=max(fidelity["min"], fidelity["max"] / 27),
                         max_fidelity=fidelity["max"], eta=3, n_workers=1, seed=seed, output_path=directory, log_level="ERROR")
        while True:
            asked = optimizer.ask()
            level = round(asked["fidelity"]) if fidelity["type"] == "int" else asked["fidelity"]
            result = evaluate(spaces_configspace.plain(asked["config"]), level)
            loss = result.loss if math.isfinite(result.loss) else CRASH_LOSS
            optimizer.tell(asked, {"fitness": loss, "cost": level})


SOLVERS = {"dehb": solve}
