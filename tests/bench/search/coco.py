#!/usr/bin/env python3
"""COCO's test suites as a child process: one JSON object a line in, one out, as serve.c.

Names: bbob/F/D, bbob-mixint/F/D, bbob-biobj/F/D. Needs the package coco-experiment (requirements/light.txt).
The best value of a problem is COCO's own: the value at the optimum that the problem writes down on request; of two objectives
the best hypervolume is not known, and it is bounded by COCO's nadir.
"""
import json
import os
import statistics
import sys
import tempfile

import cocoex
import numpy as np

cocoex.log_level("error")

DRAWS = 1001
INSTANCES = 15  # of the published suites; building others of two objectives may never end
cache = {}


class Problem:
    def __init__(self, name, instance):
        instance = (instance - 1) % INSTANCES + 1
        suite, function, dimension = name.split("/")
        self.suite = cocoex.Suite(suite, f"instances: {instance}", "")
        self.problem = self.suite.get_problem_by_function_dimension_instance(int(function), int(dimension), instance)
        self.two = self.problem.number_of_objectives == 2
        integers = self.problem.number_of_integer_variables
        low, high = self.problem.lower_bounds, self.problem.upper_bounds
        self.space = [{"name": f"x{i + 1}", "type": "int" if i < integers else "float", "low": float(low[i]), "high": float(high[i]),
                       "log": False} for i in range(self.problem.dimension)]

    def evaluate(self, config):
        values = [float(v) for v in np.atleast_1d(self.problem(np.array([float(config[p["name"]]) for p in self.space])))]
        reply = {"status": "ok", "value": values[0]}
        return dict(reply, values=values) if self.two else reply

    def draw(self, generator):
        return {p["name"]: int(generator.integers(p["low"], p["high"] + 1)) if p["type"] == "int"
                else generator.uniform(p["low"], p["high"]) for p in self.space}

    def optimum(self):
        """The problem writes its best parameters into a file of the working directory."""
        here = os.getcwd()
        with tempfile.TemporaryDirectory() as directory:
            os.chdir(directory)
            try:
                self.problem._best_parameter("print")
                with open("._bbob_problem_best_parameter.txt") as file:
                    x = [float(v) for v in file.read().split()]
            finally:
                os.chdir(here)
        return self.evaluate({f"x{i + 1}": v for i, v in enumerate(x)})["value"]

    def info(self):
        info = {"goal": "minimize", "objectives": 2 if self.two else 1, "constraints": 0}
        if self.two:
            return dict(info, best=None, median=None, reference=[float(v) for v in self.problem.largest_fvalues_of_interest])
        generator = np.random.default_rng(0)
        return dict(info, best=self.optimum(),
                    median=statistics.median(self.evaluate(self.draw(generator))["value"] for _ in range(DRAWS)))


def answer(query):
    key = query["name"], query.get("instance", 1)
    if key not in cache:
        cache.clear()
        cache[key] = Problem(*key)
    problem, operation = cache[key], query.get("op", "eval")
    if operation == "space":
        return {"space": problem.space}
    return problem.info() if operation == "info" else problem.evaluate(query["config"])


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # whatever the suite does not have is an answer, too
            reply = {"status": "error", "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
