#!/usr/bin/env python3
"""make bench-suggest: time of an ask beside Optuna's in the same run, d = 10, one thread, and one long study of ours."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
# ours, Optuna's, trials before the asks, asks of ours, asks of Optuna's, ratio to reach
ROWS = [
    ("random", "random", 1000, 1001, 101, None),
    ("multivariate-tpe", "tpe", 100, 101, 51, 18),
    ("multivariate-tpe", "tpe", 1000, 101, 21, 18),
    ("multivariate-tpe", "tpe", 10000, 51, 7, 18),
    ("multivariate-tpe", "tpe", 100000, 21, 3, 100),
    ("bayesianoptimization", "gp", 100, 21, 7, 6),
    ("bayesianoptimization", "gp", 250, 21, 5, 3.5),
    ("bayesianoptimization", "gp", 500, 11, 3, 3.5),
    ("bayesianoptimization", "gp", 1000, 11, 3, 7),
    ("cmaes", "cmaes", 100, 1001, 101, 25),
]
STUDY = ("multivariate-tpe", 100000)


def ask(command):
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    return json.loads(subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True, env=environment).stdout)


def main():
    speed = os.path.join(ROOT, sys.argv[1], "tests/bench/search/speed")
    python = os.path.join(ROOT, "build/bench-peers/optuna/bin/python")
    print("| method | trials before | ours, ms an ask | Optuna's | ratio | goal |\n| --- | --- | --- | --- | --- | --- |", flush=True)
    for ours, theirs, n, repeats, their_repeats, goal in ROWS:
        left = ask([speed, ours, n, repeats])["ask_ms"]
        right = ask([python, os.path.join(HERE, "peers/optuna_speed.py"), theirs, n, their_repeats])["ask_ms"]
        print(f"| {ours} | {n} | {left:.3g} | {right:.3g} | {right / left:.1f} | {goal or ''} |", flush=True)
    study = ask([speed, STUDY[0], STUDY[1], "study"])
    print(f"\n{STUDY[1]} trials of {STUDY[0]} in turn: {study['study_seconds'] / 60:.1f} minutes, {study['bytes_a_trial']:.0f} bytes a trial")


main()
