"""What every peer's adapter shares: the problems behind their servers, and the record of one run.

An adapter is a module with SOLVERS, a dictionary name -> function (problem, seed, evaluate, n). The function asks its library for
n points and hands each configuration (a dictionary of the active parameters) to evaluate, which returns a Result. Losses are
always to be minimised. The time of an ask is what passes outside of evaluate.
"""
import json
import math
import os
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
SEARCH = os.path.join(ROOT, "tests/bench/search")


def load_problems(path=os.path.join(SEARCH, "problems.json")):
    """(problems, commands of their servers; None where its files are absent)"""
    with open(path) as file:
        listed = json.load(file)
    servers = {}
    for name, command in listed["servers"].items():
        words = [os.path.expandvars(word) for word in command]
        words = [os.path.join(ROOT, word) if "/" in word else word for word in words]
        servers[name] = words if all(os.path.exists(word) for word in words if "/" in word) else None
    return listed["problems"], servers


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, query):
        self.process.stdin.write(json.dumps(query) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the server of the problems ended")
        reply = json.loads(line)
        if reply.get("status") == "error":
            raise RuntimeError(reply["error"])
        return reply


class Result:
    """losses: all of them, NaN where the trial failed; violations: > 0 is violated."""

    def __init__(self, reply, sign, n_objectives, n_constraints):
        self.is_ok = reply["status"] == "ok"
        values = reply.get("values") or [reply.get("value")]
        self.losses = [sign * v for v in values] if self.is_ok else [math.nan] * n_objectives
        self.loss = self.losses[0]
        self.violations = reply.get("violations", [0.0] * n_constraints if self.is_ok else [1.0] * n_constraints)
        self.truth = sign * reply["truth"] if "truth" in reply else self.loss

    def is_feasible(self):
        return self.is_ok and all(v <= 0 for v in self.violations)


class Problem:
    def __init__(self, row, server, seed):
        self.row, self.server = row, server
        self.name = row["name"]
        self.instance = seed if row.get("instanced") else 0
        self.space = self.ask({"op": "space"})["space"]
        info = self.info = self.ask({"op": "info"})
        self.sign = -1.0 if info["goal"] == "maximize" else 1.0
        self.n_objectives, self.n_constraints = info.get("objectives", 1), info.get("constraints", 0)
        self.fidelity = info.get("fidelity") if row.get("fidelity") else None

    def ask(self, query):
        return self.server.ask(dict(query, name=self.name, instance=self.instance))

    def evaluate(self, config, k, fidelity=None):
        query = {"config": {p["name"]: config[p["name"]] for p in self.space if p["name"] in config}, "repeat": k}
        if not self.row["server"] == "native":
            del query["repeat"]
        if fidelity is not None:
            query["fidelity"] = fidelity
        return Result(self.ask(query), self.sign, self.n_objectives, self.n_constraints)

    def active(self, config):
        """config without the parameters whose condition does not hold."""
        kept = {}
        for p in self.space:
            condition = p.get("if")
            if condition is None or kept.get(condition["param"]) in condition["in"]:
                kept[p["name"]] = config[p["name"]]
        return kept


class Enough(Exception):
    """The budget is spent: for libraries that keep the loop to themselves."""


def dominates(a, b):
    return all(x <= y for x, y in zip(a, b)) and any(x < y for x, y in zip(a, b))


def rounded(value):
    return float(f"{value:.9g}")


class Record:
    """Improvements only: [trial, value] of the best so far (its noiseless value), or [trial, [values]] of what no earlier trial
    dominates; infeasible trials never count."""

    def __init__(self, problem, n):
        self.problem, self.n, self.k, self.cost = problem, n, 0, 0.0
        self.improvements, self.best, self.front = [], math.inf, []
        self.highest = -math.inf
        self.evaluating = 0.0

    def evaluate(self, config, fidelity=None):
        limit = self.problem.fidelity["max"] if self.problem.fidelity else None
        if self.k >= self.n if fidelity is None else self.cost >= self.n:
            raise Enough
        began = time.perf_counter()
        self.k += 1
        self.cost += 1.0 if fidelity is None else fidelity / limit
        config = self.problem.active(config)
        result = self.problem.evaluate(config, self.k, fidelity)
        if fidelity is None:
            self.note(result)
        else:
            self.note_fidelity(result, config, fidelity)
        self.evaluating += time.perf_counter() - began
        return result

    def note(self, result):
        if not result.is_feasible() or not all(map(math.isfinite, result.losses)):
            return
        if self.problem.n_objectives > 1:
            if not any(dominates(kept, result.losses) or kept == result.losses for kept in self.front):
                self.front = [kept for kept in self.front if not dominates(result.losses, kept)] + [result.losses]
                self.improvements.append([self.k, [rounded(v) for v in result.losses]])
        elif result.loss < self.best:
            self.best = result.loss
            self.improvements.append([self.k, rounded(result.truth)])

    def note_fidelity(self, result, config, fidelity):
        """The incumbent is the best at the highest fidelity seen; what counts is its loss at the full one."""
        if not math.isfinite(result.loss) or fidelity < self.highest or (fidelity == self.highest and result.loss >= self.best):
            return
        self.highest, self.best = fidelity, result.loss
        full = self.problem.evaluate(config, self.k)
        if math.isfinite(full.loss):
            self.improvements.append([rounded(self.cost), rounded(full.loss)])
