"""Uniform random points: the floor that every method must clear."""
import math
import random

PACKAGES = []


def draw(p, generator):
    if p["type"] in ("categorical", "ordinal"):
        return generator.choice(p["values"])
    low, high = (p["low"] - 0.5, p["high"] + 0.5) if p["type"] == "int" else (p["low"], p["high"])
    if p["log"]:
        value = math.exp(generator.uniform(math.log(low), math.log(high)))
    else:
        value = generator.uniform(low, high)
    if p["type"] == "int":
        return min(max(round(value), int(p["low"])), int(p["high"]))
    if "step" in p:
        value = p["low"] + round((value - p["low"]) / p["step"]) * p["step"]
    return min(max(value, p["low"]), p["high"])


def solve(problem, seed, evaluate, n):
    generator = random.Random(seed)
    for _ in range(n):
        evaluate({p["name"]: draw(p, generator) for p in problem.space})


SOLVERS = {"random": solve}
