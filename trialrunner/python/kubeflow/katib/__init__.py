"""Katib's report_metrics() for trainings that Hone runs with the collectors Push or Custom, where Katib's own SDK is not installed.

Hone puts this on the PYTHONPATH of such trials. Where the SDK is installed it is what is imported, and its report_metrics() wants Katib's
database manager: take the collector StdOut or File there, or call hone's report (`hone report loss=0.1`).
"""

import importlib.util
import json
import os
import sys
import time


def _real():
    """The SDK's own package, further along the path."""
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for entry in sys.path:
        path = os.path.join(entry or ".", "kubeflow", "katib", "__init__.py")
        if os.path.abspath(entry or ".") != here and os.path.exists(path):
            return path
    return None


def report_metrics(metrics, db_manager_address=None, timeout=None):
    """Report values of metrics, each something that float() takes. ValueError: outside of a trial, or no number."""
    del db_manager_address, timeout
    path = os.environ.get("HONE_REPORT_FILE")
    if not os.environ.get("KATIB_TRIAL_NAME") or not path:
        raise ValueError("report_metrics() is called within a trial with the metrics collector Push")
    line = {"timestamp": time.time()}
    for name, value in metrics.items():
        try:
            float(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"metric {name}: expected a number, got {value!r}") from error
        line[name] = str(value)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, (json.dumps(line) + "\n").encode())
    finally:
        os.close(descriptor)


_path = _real()
if _path is not None:
    _spec = importlib.util.spec_from_file_location(__name__, _path, submodule_search_locations=[os.path.dirname(_path)])
    _module = importlib.util.module_from_spec(_spec)
    sys.modules[__name__] = _module
    _spec.loader.exec_module(_module)
