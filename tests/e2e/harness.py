"""What the end-to-end tests share: a fresh directory each, the built programs, and cmocka's way of reporting."""

import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.path.join(ROOT, os.environ.get("HONE_BUILD", "build")))
HONE = os.path.join(BUILD, "hone")
SLOW = 5 if "san" in os.path.basename(BUILD) else 1     # sanitized programs take longer


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)


def environment(directory, **extra):
    """No settings of the user's, and a database and a home of the test's own."""
    kept = {key: value for key, value in os.environ.items()
            if key not in ("NO_COLOR", "CLICOLOR_FORCE", "XDG_STATE_HOME", "HONE_DB") and not key.startswith("KATIB_")}
    kept.update(HONE_DB=os.path.join(directory, "state", "hone.db"), HOME=directory, TERM="dumb", LC_ALL="C.UTF-8", **extra)
    return kept


class World:
    """One test's directory and the commands run in it."""

    def __init__(self):
        self.directory = os.path.realpath(tempfile.mkdtemp(prefix="hone-e2e-"))
        self.env = environment(self.directory)
        self.started = []

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def hone(self, *arguments, stdin=None, timeout=60, env=None):
        """Run to the end; a command that hangs is killed and fails the test."""
        done = subprocess.run([HONE, *arguments], cwd=self.directory, env={**self.env, **(env or {})}, input=stdin,
                              stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, timeout=timeout * SLOW,
                              text=True, errors="replace", check=False)
        assert done.returncode >= 0, f"hone {' '.join(arguments)}: signal {-done.returncode}\n{done.stderr}"
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments):
        """Run beside the test; it is killed at the end if it still lives."""
        process = subprocess.Popen([HONE, *arguments], cwd=self.directory, env=self.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        self.started.append(process)
        return process

    def check_background(self):
        """What background processes logged must hold no report of a sanitizer."""
        log = self.path("state/hone.db.log")
        if os.path.exists(log):
            with open(log, encoding="utf-8", errors="replace") as file:
                text = file.read()
            assert "Sanitizer" not in text and "runtime error" not in text, text

    def kill_leftovers(self):
        """End every process of this test that a failure left behind: agents and trials carry its directory in their environment."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    mine = f"HONE_DB={self.directory}/".encode() in file.read()
                if mine and int(pid) != os.getpid():
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.kill_leftovers()
        shutil.rmtree(self.directory, ignore_errors=True)


def wait_until(condition, timeout=30):
    """Ask until it holds; the test fails if it does not in time."""
    end = time.monotonic() + timeout * SLOW
    while not (value := condition()):
        assert time.monotonic() < end, f"did not come true: {inspect.getsource(condition).strip()}"
        time.sleep(0.02)
    return value


def expect(result, code):
    assert result.code == code, f"exit code {result.code}, expected {code}\n{result.out}{result.err}"
    return result


def experiment(name, script, *, maximum=4, parallel=2, failures=1, algorithm="sobol", extra="", hone=""):
    """An Experiment over x in [0, 1] whose trials run a shell script."""
    indented = "\n".join(" " * 20 + line for line in script.strip().splitlines())
    return f"""apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata:
  name: {name}
spec:
  objective:
    type: minimize
    objectiveMetricName: loss
  algorithm:
    algorithmName: {algorithm}
  parallelTrialCount: {parallel}
  maxTrialCount: {maximum}
  maxFailedTrialCount: {failures}
  parameters:
    - name: x
      parameterType: double
      feasibleSpace:
        min: "0"
        max: "1"
{extra}  trialTemplate:
    primaryContainerName: main
    trialParameters:
      - name: x
        reference: x
    trialSpec:
      apiVersion: batch/v1
      kind: Job
      spec:
        template:
          spec:
            terminationGracePeriodSeconds: 2
            restartPolicy: Never
            containers:
              - name: main
                image: busybox
                command:
                  - sh
                  - -c
                  - |-
{indented}
{hone}"""


def main(tests):
    """Run every function whose name begins with test_; exit 1 if one failed. Arguments choose tests by a part of their name."""
    chosen = [(name, test) for name, test in tests.items() if name.startswith("test_") and callable(test)]
    chosen = [(name, test) for name, test in chosen if len(sys.argv) < 2 or any(word in name for word in sys.argv[1:])]
    failed = 0
    for name, test in chosen:
        world = World()
        try:
            test(world)
            world.check_background()
            print(f"[       OK ] {name}", flush=True)
        except Skip as why:
            print(f"[  SKIPPED ] {name}: {why}", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()
            print(f"[  FAILED  ] {name}", flush=True)
        finally:
            world.close()
    sys.exit(1 if failed else 0)
