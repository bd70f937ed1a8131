"""Optuna in the service benchmark: ask and tell through one of its storages, from threads of one process.

Usage: service_peer.py STORAGE(sqlite|journal|grpc) SAMPLER(random|tpe) CLIENTS TRIALS DIRECTORY; prints one JSON object as the clients do.
"""
import json
import os
import sys
import threading
import time

import optuna
from optuna.storages import GrpcStorageProxy, JournalStorage, RDBStorage, run_grpc_proxy_server
from optuna.storages.journal import JournalFileBackend

DIMENSIONS = 10
PORT = 13137


def open_storage(kind, directory):
    if kind == "sqlite":
        return RDBStorage(f"sqlite:///{directory}/optuna.db", engine_kwargs={"connect_args": {"timeout": 100}})
    return JournalStorage(JournalFileBackend(os.path.join(directory, "optuna.log")))


def work(study, left, guard, asks, tells):
    distributions = {f"x{i}": optuna.distributions.FloatDistribution(0, 1) for i in range(DIMENSIONS)}
    while True:
        with guard:
            if left[0] == 0:
                return
            left[0] -= 1
        began = time.perf_counter()
        trial = study.ask(distributions)
        asked = time.perf_counter()
        study.tell(trial, (trial.params["x0"] - 0.3) ** 2)
        asks.append(1000 * (asked - began))
        tells.append(1000 * (time.perf_counter() - asked))


def percentile(values, share):
    return sorted(values)[int(len(values) * share)]


def main():
    kind, sampler, clients, trials, directory = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if kind == "grpc-server":
        run_grpc_proxy_server(open_storage("journal", directory), host="localhost", port=PORT)
        return
    make = {"random": optuna.samplers.RandomSampler, "tpe": optuna.samplers.TPESampler}[sampler]
    storage = GrpcStorageProxy(host="localhost", port=PORT) if kind == "grpc" else open_storage(kind, directory)
    if kind == "grpc":
        storage.wait_server_ready(timeout=60)
    study = optuna.create_study(storage=storage, sampler=make(seed=1), study_name=f"{kind}-{sampler}-{clients}")
    left, guard, asks, tells = [trials], threading.Lock(), [], []
    threads = [threading.Thread(target=work, args=(study, left, guard, asks, tells)) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    print(json.dumps({"clients": clients, "trials": len(tells), "seconds": seconds, "trials_per_second": len(tells) / seconds,
                      "ask_p50_ms": percentile(asks, .5), "ask_p99_ms": percentile(asks, .99),
                      "tell_p50_ms": percentile(tells, .5), "tell_p99_ms": percentile(tells, .99)}))


if __name__ == "__main__":
    main()
