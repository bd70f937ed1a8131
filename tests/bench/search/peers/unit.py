"""A flat space as numbers in [0, 1], for libraries that only know those: integers in equal shares, choices by their index."""
import math


def decode(p, u):
    u = min(max(float(u), 0.0), 1.0)
    if p["type"] in ("categorical", "ordinal"):
        return p["values"][min(int(u * len(p["values"])), len(p["values"]) - 1)]
    low, high = (p["low"] - 0.5, p["high"] + 0.5) if p["type"] == "int" else (p["low"], p["high"])
    value = math.exp(math.log(low) + u * math.log(high / low)) if p["log"] else low + u * (high - low)
    if p["type"] == "int":
        value = round(value)
    if "step" in p:
        value = p["low"] + round((value - p["low"]) / p["step"]) * p["step"]
    value = min(max(value, p["low"]), p["high"])
    return int(value) if p["type"] == "int" else value


def decode_all(space, x):
    return {p["name"]: decode(p, u) for p, u in zip(space, x)}


def is_numeric(space):
    return all(p["type"] in ("int", "float") and "if" not in p for p in space)


def is_flat(space):
    return all("if" not in p for p in space)
