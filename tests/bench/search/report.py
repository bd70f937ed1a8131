#!/usr/bin/env python3
"""report.py RESULTS...: compare Hone's runs with the recorded peers, as Markdown and plots.

Writes docs/benchmarks/*.svg and the part of docs/benchmarks.md between its markers. Plain Python.

The regret of a run after t trials is (value - best) / (median of random points - best), floored at 1e-3, and 10 while nothing feasible
is found; of several objectives it is 1 - hypervolume / best hypervolume. Where the best or the median is not known, the best of
all runs and the median of the random peer's first trials stand in.
"""
import json
import math
import os
import statistics
import sys

import plots

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
import common  # noqa: E402

FLOOR, NOTHING_FEASIBLE, WORSE, REACHED, WORKERS = 1e-3, 10.0, 0.3, 0.05, 8
CHECKPOINTS = (25, 50, 100)
MARKERS = "<!-- bench-search: begin -->", "<!-- bench-search: end -->"
FOCUS = "auto"


def read_runs(paths, parallel=1):
    """{(solver, problem, seed): run} of so many trials at a time; runs that broke off are left out."""
    runs = {}
    for path in paths:
        with open(path) as file:
            for line in file:
                try:
                    run = json.loads(line)
                except ValueError:
                    continue
                if "error" not in run and run.get("parallel", 1) == parallel:
                    runs[run["solver"], run["problem"], run["seed"]] = run
    return runs


def area(points, reference):
    """Hypervolume of two objectives."""
    total, lowest = 0.0, reference[1]
    for x, y in sorted(points):
        if x < reference[0] and y < lowest:
            total += (reference[0] - x) * (lowest - y)
            lowest = y
    return total


def hypervolume(points, reference):
    """Exact, for two or three objectives: slabs along the third."""
    if len(reference) == 2:
        return area(points, reference)
    levels = sorted({p[2] for p in points if p[2] < reference[2]}) + [reference[2]]
    return sum((above - level) * area([p[:2] for p in points if p[2] <= level], reference[:2])
               for level, above in zip(levels, levels[1:]))


class Scale:
    """What turns the values of one problem and instance into regrets."""

    def __init__(self, info, runs):
        self.reference = info.get("reference")
        sign = -1.0 if info.get("goal") == "maximize" else 1.0
        self.best, self.median = info.get("best"), info.get("median")
        if self.reference is None:
            self.best = min(v for run in runs for _, v in run["improvements"]) if self.best is None else sign * self.best
            firsts = [run["improvements"][0][1] for run in runs if run["solver"] == "random" and run["improvements"]]
            self.median = statistics.median(firsts or [self.best + 1]) if self.median is None else sign * self.median
        elif self.best is None:
            self.best = max(hypervolume([v for _, v in run["improvements"]], self.reference) for run in runs) or 1.0

    def regret(self, run, t):
        seen = [value for when, value in run["improvements"] if when <= t + 1e-9]
        if not seen:
            return NOTHING_FEASIBLE
        if self.reference is not None:
            return max(1 - hypervolume(seen, self.reference) / self.best, FLOOR)
        return min(max((seen[-1] - self.best) / ((self.median - self.best) or 1.0), FLOOR), NOTHING_FEASIBLE)


def instances(row, seeds):
    return {seed: seed if row.get("instanced") else 0 for seed in seeds}


def load_scales(runs):
    """{(problem, seed): Scale}; problems whose server is absent are left out."""
    rows, commands = common.load_problems()
    servers, scales, absent = {}, {}, []
    for row in rows:
        name, command = row["name"], commands[row["server"]]
        seeds = sorted({seed for _, problem, seed in runs if problem == name})
        if command is None:
            absent.append(name)
            continue
        server = servers.get(row["server"]) or servers.setdefault(row["server"], common.Server(command))
        by_instance = {}
        for seed, instance in instances(row, seeds).items():
            if instance not in by_instance:
                same = [run for (_, problem, s), run in runs.items() if problem == name and instances(row, [s])[s] == instance]
                usable = [run for run in same if run["improvements"]]
                info = server.ask({"name": name, "instance": instance, "op": "info"})
                by_instance[instance] = Scale(info, usable) if usable else None
            if by_instance[instance] is not None:
                scales[name, seed] = by_instance[instance]
    return rows, scales, absent


def wilcoxon(differences):
    """Two-sided p of the signed-rank test: exact up to 25 pairs without ties, else the normal approximation with ties and
    continuity corrected; zeros are left out."""
    values = sorted((abs(d), d > 0) for d in differences if d != 0)
    n = len(values)
    if n == 0:
        return 1.0
    ranks, ties, i = [], 0.0, 0
    while i < n:
        j = i
        while j < n and values[j][0] == values[i][0]:
            j += 1
        ranks += [(i + 1 + j) / 2] * (j - i)
        ties += (j - i) ** 3 - (j - i)
        i = j
    positive = sum(rank for rank, (_, up) in zip(ranks, values) if up)
    if n <= 25 and ties == 0:
        counts = [1] + [0] * (n * (n + 1) // 2)
        for rank in range(1, n + 1):
            for total in range(len(counts) - 1, rank - 1, -1):
                counts[total] += counts[total - rank]
        least = int(min(positive, n * (n + 1) / 2 - positive))
        return min(1.0, 2 * sum(counts[:least + 1]) / 2 ** n)
    deviation = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48)
    if deviation == 0:
        return 1.0
    z = (abs(positive - n * (n + 1) / 4) - 0.5) / deviation
    return math.erfc(max(z, 0) / math.sqrt(2))


class Table:
    """log10 of the regrets: values[solver, problem][seed] at one number of trials."""

    def __init__(self, runs, scales, rows, t):
        budget = {row["name"]: row["trials"] for row in rows}
        self.values = {}
        for (solver, problem, seed), run in runs.items():
            if (problem, seed) in scales and t <= run["trials"] and t <= budget[problem]:
                value = math.log10(scales[problem, seed].regret(run, t))
                self.values.setdefault((solver, problem), {})[seed] = value
        self.solvers = sorted({solver for solver, _ in self.values})
        self.problems = [row["name"] for row in rows if any((s, row["name"]) in self.values for s in self.solvers)]

    def mean(self, solver, problem):
        found = self.values.get((solver, problem))
        return statistics.mean(found.values()) if found else None

    def paired(self, a, b, problem):
        """Differences a - b over the seeds that both have."""
        left, right = self.values.get((a, problem), {}), self.values.get((b, problem), {})
        return [left[seed] - right[seed] for seed in sorted(left.keys() & right.keys())]

    def mean_rank(self, solvers):
        """Mean rank of each over the (problem, seed) cells that all of them have."""
        ranks = {solver: [] for solver in solvers}
        for problem in self.problems:
            shared = set.intersection(*(set(self.values.get((s, problem), {})) for s in solvers))
            for seed in shared:
                cell = {s: self.values[s, problem][seed] for s in solvers}
                for s in solvers:
                    ranks[s].append(1 + sum(v < cell[s] for v in cell.values()) + (sum(v == cell[s] for v in cell.values()) - 1) / 2)
        return {s: (statistics.mean(r), len(r)) for s, r in ranks.items() if r}


def mean_over_problems(table, solver):
    means = [m for m in (table.mean(solver, problem) for problem in table.problems) if m is not None]
    return (statistics.mean(means), len(means)) if means else (math.nan, 0)


def ask_milliseconds(runs, solver):
    asked = [(run["ask_seconds"], run["asked"]) for (s, _, _), run in runs.items() if s == solver and run.get("asked")]
    return 1000 * sum(a for a, _ in asked) / max(sum(n for _, n in asked), 1)


def overview(runs, tables, ours, theirs):
    lines = ["| method | " + " | ".join(f"regret @{t}" for t in CHECKPOINTS) + " | problems | ms an ask |", "| --- |" + " --- |" * (len(CHECKPOINTS) + 2)]
    for solver in ours + theirs:
        cells = [mean_over_problems(tables[t], solver) for t in CHECKPOINTS]
        texts = [f"{10 ** mean:.3g}" if n else "" for mean, n in cells]
        name = f"**{solver}**" if solver in ours else solver
        lines.append(f"| {name} | " + " | ".join(texts) + f" | {max(n for _, n in cells)} | {ask_milliseconds(runs, solver):.2g} |")
    return lines


def rank_lines(tables, ours, theirs):
    """Each peer shares cells with ours only where it ran: ranks are among ours' focus and the peers of every such cell."""
    lines = ["| | " + " | ".join(f"rank @{t}" for t in CHECKPOINTS) + " |", "| --- |" + " --- |" * len(CHECKPOINTS)]
    everywhere = {t: [s for s in [FOCUS] * (FOCUS in ours) + theirs
                      if len({p for (x, p) in tables[t].values if x == s}) >= len(tables[t].problems) / 2] for t in CHECKPOINTS}
    ranks = {t: tables[t].mean_rank(everywhere[t]) if len(everywhere[t]) > 1 else {} for t in CHECKPOINTS}
    for solver in dict.fromkeys(s for t in CHECKPOINTS for s in everywhere[t]):
        lines.append(f"| {solver} | " + " | ".join(f"{ranks[t][solver][0]:.2f}" if solver in ranks[t] else "" for t in CHECKPOINTS) + " |")
    return lines


def duel_lines(tables, theirs, focus):
    """Problems where the focus is better on average, and the signed-rank test over the problems' mean differences."""
    lines = [f"| {focus} against | " + " | ".join(f"won @{t} | lost @{t} | p" for t in CHECKPOINTS) + " |",
             "| --- |" + " --- | --- | --- |" * len(CHECKPOINTS)]
    for peer in theirs:
        cells = []
        for t in CHECKPOINTS:
            paired = [tables[t].paired(focus, peer, problem) for problem in tables[t].problems]
            means = [statistics.mean(differences) for differences in paired if differences]
            wins, losses = sum(mean < 0 for mean in means), sum(mean > 0 for mean in means)
            cells.append(f"{wins} | {losses} | {wilcoxon(means):.1g}" if wins + losses else " | | ")
        lines.append(f"| {peer} | " + " | ".join(cells) + " |")
    return lines


def loss_lines(tables, theirs, focus):
    """Where the focus is more than WORSE behind the best peer, on the seeds they share."""
    lines = []
    for t in CHECKPOINTS:
        for problem in tables[t].problems:
            gaps = {peer: statistics.mean(tables[t].paired(focus, peer, problem) or [-math.inf]) for peer in theirs}
            peer = max(gaps, key=gaps.get) if gaps else None
            if peer is not None and gaps[peer] > WORSE:
                lines.append(f"| {problem} | {t} | {peer} | {gaps[peer]:.2f} |")
    return ["| problem | trials | best peer | log10 behind |", "| --- | --- | --- | --- |"] + lines if lines else ["None."]


def parallel_lines(runs, together, scales, names):
    """What WORKERS trials at a time cost, by method: mean difference of log10 regret to one at a time, seeds paired."""
    lines = ["| method | " + " | ".join(f"log10 lost @{t}" for t in CHECKPOINTS) + " |", "| --- |" + " --- |" * len(CHECKPOINTS)]
    for solver in sorted({solver for solver, _, _ in together}):
        lost = {t: [math.log10(scales[p, seed].regret(run, t) / scales[p, seed].regret(runs[s, p, seed], t))
                    for (s, p, seed), run in together.items()
                    if s == solver and p in names and (s, p, seed) in runs and (p, seed) in scales] for t in CHECKPOINTS}
        if all(lost.values()):
            lines.append(f"| {solver} | " + " | ".join(f"{statistics.mean(lost[t]):.2f}" for t in CHECKPOINTS) + " |")
    return lines


def noise_lines(runs, scales, ours):
    """Of noisy problems: true regret of the trial that reported the best value, and of the one a model holds for the best."""
    lines = ["| method | best report | likely best | lower by |", "| --- | --- | --- | --- |"]
    for solver in ours:
        pairs = [(scales[p, seed].regret(run, run["trials"]), scales[p, seed].regret({"improvements": [[0, run["likely"]]]}, 0))
                 for (s, p, seed), run in runs.items() if s == solver and "likely" in run and (p, seed) in scales]
        if pairs:
            report, likely = (statistics.mean(column) for column in zip(*pairs))
            lines.append(f"| {solver} | {report:.3f} | {likely:.3f} | {100 * (1 - likely / report):.0f} % |")
    return lines


def cost_lines(runs, scales, rows, solvers):
    """Of problems with a fidelity: the cost, in trials at the full one, until the regret is REACHED; infinite where it never is."""
    lines = [f"| method | median cost to a regret of {REACHED} | runs that reach it |", "| --- | --- | --- |"]
    names = {row["name"] for row in rows if row["group"] == "fidelity"}
    for solver in solvers:
        costs = [next((when for when, _ in run["improvements"] if scales[p, seed].regret(run, when) <= REACHED), math.inf)
                 for (s, p, seed), run in runs.items() if s == solver and p in names and (p, seed) in scales]
        if costs:
            share = sum(map(math.isfinite, costs)) / len(costs)
            lines.append(f"| {solver} | {statistics.median(costs):.1f} | {100 * share:.0f} % |")
    return lines


def curves(runs, scales, rows, solvers, group):
    """{solver: [(t, mean log10 regret)]} over the problems of a group that the solver ran."""
    names = {row["name"]: row["trials"] for row in rows if row["group"] == group}
    limit = max(names.values(), default=0)
    points = [t for t in (1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100) if t <= limit]
    found = {}
    for solver in solvers:
        chosen = [(run, scales[p, seed]) for (s, p, seed), run in runs.items() if s == solver and p in names and (p, seed) in scales]
        if len({run["problem"] for run, _ in chosen}) < len(names):
            continue  # another mix of problems would be another curve
        found[solver] = [(t, statistics.mean(math.log10(scale.regret(run, t)) for run, scale in chosen)) for t in points
                         if all(t <= run["trials"] for run, _ in chosen)]
    return found


def write_section(path, lines):
    with open(path) as file:
        text = file.read()
    section = "\n".join([MARKERS[0], *lines, MARKERS[1]])
    if MARKERS[0] in text:
        text = text[:text.index(MARKERS[0])] + section + text[text.index(MARKERS[1]) + len(MARKERS[1]):]
    else:
        text = text.rstrip() + "\n\n" + section + "\n"
    with open(path, "w") as file:
        file.write(text)


def renamed_ours(runs):
    return {("hone " + solver, problem, seed): dict(run, solver="hone " + solver) for (solver, problem, seed), run in runs.items()}


def main():
    recorded = os.path.join(common.SEARCH, "recorded")
    runs = read_runs(sys.argv[1:])
    ours = sorted({solver for solver, _, _ in runs})
    renamed, together = (renamed_ours(found) for found in (runs, read_runs(sys.argv[1:], WORKERS)))
    peers = read_runs(sorted(os.path.join(recorded, name) for name in os.listdir(recorded) if name.endswith(".jsonl")))
    theirs = sorted({solver for solver, _, _ in peers})
    global FOCUS
    FOCUS = "hone " + (FOCUS if FOCUS in ours else ours[0])
    ours = ["hone " + solver for solver in ours]
    runs = {**renamed, **peers}
    rows, scales, absent = load_scales(runs)
    tables = {t: Table(runs, scales, rows, t) for t in CHECKPOINTS}
    seeds = max(seed for solver, _, seed in runs if solver in ours)
    lines = ["## Search: `make bench-search`", f"{len(rows)} problems (`tests/bench/search/problems.json`), {seeds} paired seeds of ours; "
             "peers as recorded: fast ones on all problems, GP-like ones on a dozen with 5 seeds and 50 trials. "
             "Regret: (value - best) / (median of random points - best), at least 1e-3; geometric mean over problems and seeds.", ""]
    if absent:
        lines += [f"Left out, their data or server is absent: {', '.join(absent)}.", ""]
    lines += overview(runs, tables, ours, theirs) + ["", f"Mean rank of {FOCUS} among the peers that ran on at least half of the problems:", ""]
    lines += rank_lines(tables, ours, theirs) + ["", "Problems won and lost, and p of the signed-rank test (Wilcoxon) over the mean differences of the problems:", ""]
    lines += duel_lines(tables, theirs, FOCUS) + ["", f"Where {FOCUS} is more than {WORSE} log10 behind the best peer:", ""] + loss_lines(tables, theirs, FOCUS)
    synthetic = {row["name"] for row in rows if row["name"].startswith(("s5/", "m8/"))}
    lines += ["", f"{WORKERS} trials at a time beside one, on S5 and M8:", ""] + parallel_lines(runs, together, scales, synthetic)
    lines += ["", "Noisy problems, true regret at the end (arithmetic mean):", ""] + noise_lines(runs, scales, ours)
    lines += ["", "Problems with a fidelity (methods without one run at the full one):", ""] + cost_lines(runs, scales, rows, ours + theirs)
    docs = os.path.join(common.ROOT, "docs")
    os.makedirs(os.path.join(docs, "benchmarks"), exist_ok=True)
    for group in dict.fromkeys(row["group"] for row in rows):
        found = curves(runs, scales, rows, ours + theirs, group)
        if found:
            with open(os.path.join(docs, "benchmarks", group + ".svg"), "w") as file:
                file.write(plots.draw(group, found))
            lines += ["", f"![{group}](benchmarks/{group}.svg)"]
    write_section(os.path.join(docs, "benchmarks.md"), lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
