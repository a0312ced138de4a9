"""Records of benchmark figures: one JSON file a stage, with the command, machine and commit.

Every ``bench_*.py`` ends with ``record("assembly", {"smiley's tables": Figure(0.26, "s")})``;
``write_results.py`` renders RESULTS.md from the files in ``results/``.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
CODE = ("metafast", "cpp", "benchmarks/*.py")  # what a figure depends on
VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "sse2": "SSE2"}  # widest first


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    value: a number, or a few words where no single number says it
    form: format of value, peer's value and goal, as in ``format(value, form)``
    peer, peer_value: what it is compared with in the same run, or the paper
    at_least, at_most: goal
    """

    value: float | str
    unit: str = ""
    form: str = ".3g"
    peer: str = ""
    peer_value: float | None = None
    at_least: float | None = None
    at_most: float | None = None


def record(
    stage: str,
    figures: Mapping[str, Figure],
    *,
    packages: tuple[str, ...] = ("numpy", "scipy", "numba"),
    note: str = "",
    arguments: str | None = None,
) -> Path:
    """Write ``results/<stage>.json``, replacing those of the last run; returns the path.

    `note` is one or two sentences on how to read the figures; `arguments` replace those of the
    command line, for a script that records several stages.
    """
    entry = {
        "stage": stage,
        "command": command(arguments),
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "machine": machine(packages),
        "note": note,
        "figures": [{"figure": name, **asdict(figure)} for name, figure in figures.items()],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{stage}.json"
    temporary = path.with_suffix(".partial")
    temporary.write_text(json.dumps(entry, indent=1, default=float) + "\n")
    os.replace(temporary, path)
    return path


def command(arguments: str | None = None) -> str:
    """The command line, with the names of options in place of the paths given to them."""
    script = f"python benchmarks/{Path(sys.argv[0]).name}"
    words, option = [], "FILE"
    for word in sys.argv[1:]:
        words.append(option if "/" in word or Path(word).exists() else word)
        option = word.lstrip("-").upper() if word.startswith("--") else "FILE"
    return " ".join([script, *([arguments] if arguments else words if arguments is None else [])])


def commit() -> str:
    """Short hash of the commit, with ``-dirty`` if the code differs from it."""
    try:
        name = _git("rev-parse", "--short", "HEAD").stdout.strip()
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", *CODE).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name + ("-dirty" if changed.strip() else "")


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)


def machine(packages: tuple[str, ...]) -> dict[str, object]:
    """Processor, cores, memory, system and versions."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        named = {key.strip(): value.strip() for key, _, value in (x.partition(":") for x in lines)}
        model = named.get("model name", model)
        vectors = [name for flag, name in VECTORS.items() if flag in named.get("flags", "").split()]
        model += f" ({vectors[0]})" if vectors else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{memory:.0f} GiB",
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in packages},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
