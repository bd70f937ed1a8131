"""SMAC3: https://automl.github.io/SMAC3. HyperparameterOptimizationFacade by ask and tell, conditions in the ConfigurationSpace."""
import logging
import shutil
import tempfile
import warnings

from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory.dataclasses import TrialValue
from smac.runhistory.enumerations import StatusType

import spaces_configspace

warnings.simplefilter("ignore")
PACKAGES = ["smac", "ConfigSpace", "scikit-learn", "numpy"]
CRASH_COST = 1e12


def solve(problem, seed, evaluate, n):
    directory = tempfile.mkdtemp(prefix="smac-")
    try:
        scenario = Scenario(spaces_configspace.build(problem.space, seed), n_trials=n, seed=seed, deterministic=True, output_directory=directory)
        facade = HyperparameterOptimizationFacade(scenario, lambda config, seed=0: 0.0, overwrite=True, logging_level=logging.ERROR)
        worst = None
        for _ in range(n):
            asked = facade.ask()
            result = evaluate(spaces_configspace.plain(asked.config))
            if result.is_ok:
                worst = result.loss if worst is None else max(worst, result.loss)
                facade.tell(asked, TrialValue(cost=result.loss))
            else:
                facade.tell(asked, TrialValue(cost=CRASH_COST if worst is None else worst, status=StatusType.CRASHED))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


SOLVERS = {"smac": solve}
CANNOT = {"smac": lambda problem: problem.n_objectives > 1 or problem.n_constraints > 0}
