"""A problem's space as a ConfigurationSpace, for SMAC and DEHB."""
from ConfigSpace import CategoricalHyperparameter, ConfigurationSpace, InCondition, OrdinalHyperparameter, UniformFloatHyperparameter, \
    UniformIntegerHyperparameter


def dimension(p):
    if p["type"] == "categorical":
        return CategoricalHyperparameter(p["name"], p["values"])
    if p["type"] == "ordinal":
        return OrdinalHyperparameter(p["name"], p["values"])
    if p["type"] == "int":
        return UniformIntegerHyperparameter(p["name"], int(p["low"]), int(p["high"]), log=p["log"])
    return UniformFloatHyperparameter(p["name"], p["low"], p["high"], log=p["log"])


def build(space, seed):
    built = ConfigurationSpace(seed=seed)
    built.add([dimension(p) for p in space])
    built.add([InCondition(built[p["name"]], built[p["if"]["param"]], p["if"]["in"]) for p in space if "if" in p])
    return built


def plain(config):
    """Its values as Python's own types."""
    return {name: str(v) if isinstance(v, str) else v.item() if hasattr(v, "item") else v for name, v in dict(config).items()}
