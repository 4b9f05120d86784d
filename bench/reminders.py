#!/usr/bin/env python3
"""How fast reminders are planned and mailed: `bench/reminders.py`, or `bench/reminders.py --offers 1000 --due 200`.

Django finds it by its name when the bench is among the apps, as a module that may declare reminders: it has none."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

    from bench.mails import main

    sys.exit(main(sys.argv[1:]))
