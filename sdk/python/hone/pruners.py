"""Optuna's pruners by name: each stands for an early-stopping rule of Hone."""

from __future__ import annotations

from typing import Any, Dict, Optional


class _Pruner:
    hone_name: Optional[str] = None

    def __init__(self, **settings: Any):
        self.hone_settings: Dict[str, Any] = {name: value for name, value in settings.items() if value is not None}


class NopPruner(_Pruner):
    """No early stopping."""


class MedianPruner(_Pruner):
    hone_name = "medianstop"

    def __init__(self, n_startup_trials: int = 5, n_warmup_steps: int = 0, interval_steps: int = 1, *, n_min_trials: int = 1):
        del interval_steps, n_min_trials
        super().__init__(min_trials_required=max(1, n_startup_trials), start_step=max(1, n_warmup_steps + 1))


class PercentilePruner(_Pruner):
    hone_name = "percentile"

    def __init__(self, percentile: float, n_startup_trials: int = 5, n_warmup_steps: int = 0, interval_steps: int = 1, *,
                 n_min_trials: int = 1):
        del interval_steps, n_min_trials
        super().__init__(percentile=percentile, min_trials_required=max(1, n_startup_trials), start_step=max(1, n_warmup_steps + 1))


class SuccessiveHalvingPruner(_Pruner):
    hone_name = "asha"

    def __init__(self, min_resource: Any = "auto", reduction_factor: int = 4, min_early_stopping_rate: int = 0,
                 bootstrap_count: int = 0):
        del bootstrap_count
        least = 1 if min_resource == "auto" else int(min_resource)
        super().__init__(eta=reduction_factor, min_resource=least * reduction_factor ** min_early_stopping_rate)


class HyperbandPruner(_Pruner):
    hone_name = "hyperband"

    def __init__(self, min_resource: int = 1, max_resource: Any = "auto", reduction_factor: int = 3, bootstrap_count: int = 0):
        del bootstrap_count
        if max_resource == "auto":                  # the rungs of one bracket do without
            self.hone_name = "asha"
            super().__init__(eta=reduction_factor, min_resource=min_resource)
        else:
            super().__init__(eta=reduction_factor, min_resource=min_resource, max_resource=max_resource)


class ThresholdPruner(_Pruner):
    hone_name = "threshold"

    def __init__(self, lower: Optional[float] = None, upper: Optional[float] = None, n_warmup_steps: int = 0, interval_steps: int = 1):
        del interval_steps
        super().__init__(lower=lower, upper=upper, start_step=max(1, n_warmup_steps + 1))


class PatientPruner(_Pruner):
    """Stops by patience alone; the wrapped pruner is passed over."""

    hone_name = "patient"

    def __init__(self, wrapped_pruner: Any = None, patience: int = 1, min_delta: float = 0.0):
        del wrapped_pruner
        super().__init__(patience=max(1, patience), min_delta=min_delta)


class WilcoxonPruner(_Pruner):
    hone_name = "wilcoxon"

    def __init__(self, *, p_threshold: float = 0.1, n_startup_steps: int = 2):
        super().__init__(p_threshold=p_threshold, start_step=max(1, n_startup_steps))
