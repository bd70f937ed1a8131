#!/usr/bin/env python3
"""record.py [--estimate] [--skip GROUP] [--problems LIST] [--seeds N] MODULE SOLVER OUT: run one solver over its problems and seeds, one JSON line a run, appended to OUT.

What OUT already holds is not run again, so it may be stopped and started at any time. A run that fails is recorded with its error.
"""
import argparse
import importlib
import importlib.metadata
import json
import os
import sys
import time

import common

FAST_SEEDS, SLOW_SEEDS, SLOW_TRIALS = 20, 5, 50


def wanted(row, solver, peers, fast_seeds):
    """(seeds, trials) of that solver on that problem."""
    entry = peers[solver]
    if row.get("fidelity") and not entry.get("fidelity"):
        return 0, 0
    if entry.get("fidelity") and not row.get("fidelity"):
        return 0, 0
    if entry.get("slow"):
        return (SLOW_SEEDS, min(SLOW_TRIALS, row["trials"])) if row.get("slow") else (0, 0)
    return SLOW_SEEDS if row["group"] == "training" else fast_seeds, row["trials"]


def runs_left(solver, peers, path, options):
    done = set()
    if os.path.exists(path):
        with open(path) as file:
            done = {(line["problem"], line["seed"]) for line in map(json.loads, file)}
    problems, servers = common.load_problems(options.problems)
    left = []
    for row in problems:
        seeds, trials = wanted(row, solver, peers, options.seeds)
        if row["group"] == options.skip:
            continue
        if servers[row["server"]] is None and seeds > 0:
            print(f"{solver}: {row['name']} left out, its server's files are absent", file=sys.stderr)
            continue
        left += [(row, seed, trials) for seed in range(1, seeds + 1) if (row["name"], seed) not in done]
    return sorted(left, key=lambda run: (run[0]["group"] == "training", run[1])), servers


def perform(solve, solver, row, seed, trials, server, cannot, versions):
    problem = common.Problem(row, server, seed)
    line = {"solver": solver, "problem": row["name"], "seed": seed, "trials": trials}
    if cannot is not None and cannot(problem):
        return dict(line, error="does not take such problems")
    record = common.Record(problem, trials)
    began = time.perf_counter()
    try:
        solve(problem, seed, record.evaluate, trials)
    except common.Enough:
        pass
    except Exception as error:  # a peer's failure is a result
        line["error"] = f"{type(error).__name__}: {error}"[:200]
    seconds = time.perf_counter() - began - record.evaluating
    return dict(line, improvements=record.improvements, asked=record.k, ask_seconds=round(seconds, 3), versions=versions)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--estimate", action="store_true")
    parser.add_argument("--skip", metavar="GROUP", help="a group of problems to leave for later")
    parser.add_argument("--problems", metavar="LIST", default=os.path.join(common.SEARCH, "problems.json"))
    parser.add_argument("--seeds", type=int, default=FAST_SEEDS)
    parser.add_argument("module")
    parser.add_argument("solver")
    parser.add_argument("out")
    arguments = parser.parse_args()
    with open(os.path.join(common.SEARCH, "peers", "peers.json")) as file:
        peers = json.load(file)["peers"]
    left, commands = runs_left(arguments.solver, peers, arguments.out, arguments)
    seconds = sum(trials * peers[arguments.solver]["seconds"] for _, _, trials in left)
    print(f"{arguments.solver}: {len(left)} runs, about {seconds / 60:.0f} minutes of asking", flush=True)
    if arguments.estimate or not left:
        return
    module = importlib.import_module(arguments.module)
    versions = {name: importlib.metadata.version(name) for name in module.PACKAGES}
    servers = {}
    for row, seed, trials in left:
        server = servers.get(row["server"]) or servers.setdefault(row["server"], common.Server(commands[row["server"]]))
        line = perform(module.SOLVERS[arguments.solver], arguments.solver, row, seed, trials, server,
                       getattr(module, "CANNOT", {}).get(arguments.solver), versions)
        with open(arguments.out, "a") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
