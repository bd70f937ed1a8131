#!/usr/bin/env python3
"""bbob.py BUILD: CMA-ES on the 24 functions of COCO's bbob with 1,000 evaluations a dimension, beside pycma's BIPOP in the same run.

The score of a run is the area under its curve of targets reached: 51 targets of f - f* from 1e2 down to 1e-8, over log10 of the
evaluations a dimension from 1 to 1,000; 1 means that all were reached at once. Runs are kept in BUILD/bench-bbob and not done again.
"""
import json
import math
import os
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
import common  # noqa: E402

FUNCTIONS, DIMENSIONS, SEEDS, BUDGET = range(1, 25), (2, 5, 10, 20), 3, 1000
TARGETS = [10 ** (2 - 0.2 * i) for i in range(51)]
METHODS = ("cmaes",)
GROUPS = ((1, 5, "separable"), (6, 9, "moderate conditioning"), (10, 14, "ill-conditioned"), (15, 19, "multimodal, structured"),
          (20, 24, "multimodal, weakly structured"))


def write_list(path):
    with open(os.path.join(common.SEARCH, "problems.json")) as file:
        servers = json.load(file)["servers"]
    rows = [{"name": f"bbob/{f}/{d}", "group": "bbob", "server": "coco", "trials": BUDGET * d, "instanced": True}
            for f in FUNCTIONS for d in DIMENSIONS]
    with open(path, "w") as file:
        json.dump({"servers": {"coco": servers["coco"]}, "problems": rows}, file)


def score(run, best, dimension):
    total = 0.0
    for target in TARGETS:
        reached = next((when for when, value in run["improvements"] if value - best <= target), None)
        if reached is not None:
            total += 1 - math.log10(max(reached / dimension, 1)) / math.log10(BUDGET)
    return total / len(TARGETS)


def main():
    build = os.path.join(common.ROOT, sys.argv[1])
    folder = os.path.join(build, "bench-bbob")
    problems, ours, theirs = (os.path.join(folder, name) for name in ("problems.json", "hone.jsonl", "pycma.jsonl"))
    os.makedirs(folder, exist_ok=True)
    write_list(problems)
    python = os.path.join(common.ROOT, "build/bench-peers/light/bin/python")
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    commands = (os.path.join(build, "tests/bench/search/search"), "-l", problems, "-s", str(SEEDS), "-o", ours, *METHODS), \
               (python, "record.py", "--problems", problems, "--seeds", str(SEEDS), "pycma_peer", "pycma", theirs)
    running = [subprocess.Popen(command, cwd=where, env=environment)
               for command, where in zip(commands, (common.ROOT, os.path.join(common.SEARCH, "peers")))]
    if any([process.wait() for process in running]):
        sys.exit("bbob.py: a run broke off; start it again to go on")
    runs = [json.loads(line) for path in (ours, theirs) for line in open(path)]
    _, commands = common.load_problems(problems)
    server, best = common.Server(commands["coco"]), {}
    scores = {}
    for run in runs:
        problem, seed = run["problem"], run["seed"]
        if (problem, seed) not in best:
            best[problem, seed] = server.ask({"name": problem, "instance": seed, "op": "info"})["best"]
        _, function, dimension = problem.split("/")
        scores.setdefault((run["solver"], int(function), int(dimension)), []).append(score(run, best[problem, seed], int(dimension)))
    solvers = list(dict.fromkeys(solver for solver, _, _ in scores))
    print("| functions | dimension | " + " | ".join(solvers) + " |\n| --- | --- |" + " --- |" * len(solvers))
    for first, last, label in (*GROUPS, (1, 24, "all")):
        for chosen in ((d,) for d in DIMENSIONS) if label == "all" else (DIMENSIONS,):
            cells = [statistics.mean(v for (s, f, d), values in scores.items() if s == solver and first <= f <= last and d in chosen for v in values)
                     for solver in solvers]
            print(f"| {label} | {'/'.join(map(str, chosen))} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")


main()
