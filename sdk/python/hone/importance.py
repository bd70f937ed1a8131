"""Parameter importance under Optuna's names."""

from .study import get_param_importances


class FanovaImportanceEvaluator:
    hone_name = "fanova"

    def __init__(self, **settings):
        del settings


class PedAnovaImportanceEvaluator:
    hone_name = "ped-anova"

    def __init__(self, **settings):
        del settings


__all__ = ["FanovaImportanceEvaluator", "PedAnovaImportanceEvaluator", "get_param_importances"]
