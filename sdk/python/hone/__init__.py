"""Hone for Python: Optuna's studies and Katib's experiments on one service.

    import hone

    def objective(trial):
        x = trial.suggest_float("x", -10, 10)
        return (x - 2) ** 2

    study = hone.create_study()
    study.optimize(objective, n_trials=50)
    print(study.best_params)
"""

from . import distributions, exceptions, importance, logging, pruners, samplers, trial
from .exceptions import FinishedError, HoneError, TrialPruned
from .katib import KatibClient, search, tune
from .journal import export_journal, import_journal
from .study import (Study, StudyDirection, create_study, delete_study, get_all_study_names, get_param_importances, load_study)
from .trial import FrozenTrial, FixedTrial, Trial, TrialState, create_trial

from . import study  # noqa: E402  (the module, as in Optuna)

__version__ = "0.1.0"

__all__ = [
    "FinishedError", "FixedTrial", "FrozenTrial", "HoneError", "KatibClient", "Study", "StudyDirection", "Trial", "TrialPruned", "TrialState",
    "create_study", "create_trial", "delete_study", "distributions", "exceptions", "export_journal", "get_all_study_names",
    "get_param_importances", "import_journal", "importance", "load_study", "logging", "pruners", "samplers", "search", "study",
    "trial", "tune",
]
