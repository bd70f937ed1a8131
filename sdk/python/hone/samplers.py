"""Optuna's samplers by name: each stands for a search method of Hone, with the settings that both have."""

from __future__ import annotations

import warnings
from typing import Any, Dict, Optional


class _Sampler:
    hone_name = "auto"

    def __init__(self, seed: Optional[int] = None, **settings: Any):
        self.seed = seed
        self.hone_settings: Dict[str, Any] = {}
        self._pass_over(settings)

    def _pass_over(self, settings: Dict[str, Any]) -> None:
        given = [name for name, value in settings.items() if value is not None]
        if given:
            warnings.warn(f"{type(self).__name__}: {', '.join(given)} has no meaning for Hone's {self.hone_name} and is passed over",
                          stacklevel=4)


class AutoSampler(_Sampler):
    """The method that picks and switches by itself."""


class RandomSampler(_Sampler):
    hone_name = "random"


class TPESampler(_Sampler):
    """tpe, or multivariate-tpe where multivariate is asked for."""

    hone_name = "tpe"

    def __init__(self, *, n_startup_trials: Optional[int] = None, n_ei_candidates: Optional[int] = None, multivariate: bool = False,
                 seed: Optional[int] = None, **settings: Any):
        self.hone_name = "multivariate-tpe" if multivariate else "tpe"
        if multivariate:
            super().__init__(seed, **settings)
            self.hone_settings = {"n_startup_trials": n_startup_trials, "n_ei_candidates": n_ei_candidates}
        else:
            super().__init__(seed, n_startup_trials=n_startup_trials, **settings)
            self.hone_settings = {"n_EI_candidates": n_ei_candidates}


class CmaEsSampler(_Sampler):
    hone_name = "cmaes"

    def __init__(self, x0: Any = None, sigma0: Optional[float] = None, *, seed: Optional[int] = None,
                 restart_strategy: Optional[str] = None, **settings: Any):
        super().__init__(seed, x0=x0, **settings)
        self.hone_settings = {"sigma": sigma0, "restart_strategy": restart_strategy}


class GPSampler(_Sampler):
    hone_name = "bayesianoptimization"


class NSGAIISampler(_Sampler):
    hone_name = "nsga2"

    def __init__(self, *, population_size: Optional[int] = None, seed: Optional[int] = None, **settings: Any):
        super().__init__(seed, **settings)
        self.hone_settings = {"population_size": population_size}


class QMCSampler(_Sampler):
    hone_name = "sobol"


class GridSampler(_Sampler):
    """The grid is that of the parameters' own steps and choices; search_space is passed over."""

    hone_name = "grid"

    def __init__(self, search_space: Any = None, seed: Optional[int] = None):
        super().__init__(seed)
        del search_space
