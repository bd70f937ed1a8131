#!/usr/bin/env python3
"""Real trainings as a child process: one JSON object a line in, one out, as serve.c.

Usage: training.py TRAIN_REAL. The program's workloads are the names; its last line final_METRIC=VALUE is the value, maximised unless it
is an error (rmse). Best and median are not known beforehand.
"""
import json
import re
import subprocess
import sys

program = sys.argv[1]
workloads = json.loads(subprocess.run([sys.executable, program, "--list"], stdout=subprocess.PIPE, check=True).stdout)


def space(name):
    return [dict(parameter, name=key) for key, parameter in workloads[name]["space"].items()]


def is_error(name):
    return name.endswith("-diabetes")


def evaluate(name, config):
    arguments = [text for key, value in config.items() for text in ("--" + key, str(value))]
    run = subprocess.run([sys.executable, program, name, *arguments], stdout=subprocess.PIPE, text=True)
    found = re.findall(r"\bfinal_\w+=(\S+)", run.stdout)
    return {"status": "ok", "value": float(found[-1])} if run.returncode == 0 and found else {"status": "failed", "value": None}


def answer(query):
    name, operation = query["name"], query.get("op", "eval")
    if operation == "space":
        return {"space": space(name)}
    if operation == "info":
        return {"goal": "minimize" if is_error(name) else "maximize", "best": None, "median": None}
    return evaluate(name, query["config"])


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except (KeyError, ValueError) as error:
        reply = {"status": "error", "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
