"""``python -m bench.run_probe NAME ARGUMENTS``: run a probe and print what it returns as JSON."""

import json
import os
import sys
from dataclasses import asdict
from importlib import import_module

import django

from bench.measure import Run


def main() -> None:
    """Set up Django, without which the probes cannot be imported, and run one of them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storemonitor.settings")
    django.setup()
    name, *arguments = sys.argv[1:]
    result = import_module("bench.probes").PROBES[name](*arguments)
    print(json.dumps(asdict(result) if isinstance(result, Run) else result))


if __name__ == "__main__":
    main()
