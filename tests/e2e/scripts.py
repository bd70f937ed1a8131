"""Python scripts that use the SDK."""

import os
import subprocess
import sys
import textwrap

from harness import HONE, ROOT, SLOW, Skip

SDK = os.path.join(ROOT, "sdk", "python")


def interpreter():
    """A Python that has what the SDK needs; the system's has it from Debian's packages."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import zmq, msgpack"], capture_output=True, check=False).returncode == 0:
            return python
    raise Skip("no Python with zmq and msgpack (python3-zmq, python3-msgpack)")


def start(world, script, *arguments, **env):
    path = world.write(f"script{len(world.started)}.py", textwrap.dedent(script))
    kept = {key: value for key, value in world.env.items() if key != "HONE_DB"}
    process = subprocess.Popen([interpreter(), path, *arguments], cwd=world.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env={**kept, "PYTHONPATH": SDK, "HONE_BINARY": HONE, **env})
    world.started.append(process)
    return process


def run(world, script, *arguments, code=0, timeout=60, **env):
    process = start(world, script, *arguments, **env)
    out, err = process.communicate(timeout=timeout * SLOW)
    assert process.returncode == code, f"exit code {process.returncode}\n{out}\n{err}"
    assert "Sanitizer" not in err, err
    return out, err
