"""`python -m tests.fuzz [--seconds 60] [--seed N]`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz.command import main

sys.exit(main())
