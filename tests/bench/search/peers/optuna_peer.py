"""Optuna: https://optuna.readthedocs.io. Samplers as the documentation of each advises; conditional parameters are suggested where
they are active (define-by-run), TPE then with group=True; constraints through constraints_func."""
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")

PACKAGES = ["optuna", "cmaes", "torch", "scipy", "numpy"]


def suggest(trial, space):
    config = {}
    for p in space:
        condition, name = p.get("if"), p["name"]
        if condition is not None and config.get(condition["param"]) not in condition["in"]:
            continue
        if p["type"] in ("categorical", "ordinal"):
            config[name] = trial.suggest_categorical(name, p["values"])
        elif p["type"] == "int":
            config[name] = trial.suggest_int(name, int(p["low"]), int(p["high"]), log=p["log"])
        else:
            config[name] = trial.suggest_float(name, p["low"], p["high"], log=p["log"], step=p.get("step"))
    return config


def run(make_sampler):
    def solve(problem, seed, evaluate, n):
        def constraints(trial):
            return trial.user_attrs.get("violations", [1.0] * problem.n_constraints)

        options = {"seed": seed}
        if problem.n_constraints:
            options["constraints_func"] = constraints
        study = optuna.create_study(directions=["minimize"] * problem.n_objectives, sampler=make_sampler(problem, options))
        for _ in range(n):
            trial = study.ask()
            result = evaluate(suggest(trial, problem.space))
            trial.set_user_attr("violations", result.violations)
            if result.is_ok:
                study.tell(trial, result.losses)
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return solve


def make_tpe(problem, options):
    conditional = any("if" in p for p in problem.space)
    return optuna.samplers.TPESampler(**options, **({"multivariate": True, "group": True} if conditional else {}))


def make_cmaes(problem, options):
    options.pop("constraints_func", None)
    return optuna.samplers.CmaEsSampler(**options)


def make_gp(problem, options):
    return optuna.samplers.GPSampler(**options, deterministic_objective=not problem.name.startswith("noisy/"))


SOLVERS = {
    "optuna-tpe": run(make_tpe),
    "optuna-cmaes": run(make_cmaes),
    "optuna-nsga2": run(lambda problem, options: optuna.samplers.NSGAIISampler(**options)),
    "optuna-gp": run(make_gp),
}
CANNOT = {"optuna-cmaes": lambda problem: problem.n_objectives > 1}
