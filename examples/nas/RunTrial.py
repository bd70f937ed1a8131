"""Katib's enas trial (RunTrial.py), by hone-nas: takes the same flags."""

import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = shutil.which("hone-nas") or os.path.join(HERE, "..", "..", "build", "hone-nas")

os.execv(PROGRAM, ["hone-nas", "enas", *sys.argv[1:]])
