"""Contents of the sdist and the wheel in a folder: all that runs and builds, and nothing else.

python .ci/check_archives.py dist
"""

from __future__ import annotations

import re
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LARGEST = 15 << 20  # bytes of an archive
SOURCES = ("pyproject.toml", "CMakeLists.txt", "README.md", "LICENSE", "requirements-light.txt")
LEFT_OUT = re.compile(
    r"(^|/)(tests|benchmarks|examples|docs|runs|build|\.git|\.ci|__pycache__)/(?!lib)"
    r"|\.(pyc|nbi|nbc|o|a)$"
)


def package_files() -> set[str]:
    """Files of the package in this checkout, less those that are built or cached."""
    ignored = {".so", ".pyc", ".nbi", ".nbc"}
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "metafast").rglob("*")
        if path.is_file() and path.suffix not in ignored
    }


def problems_of(names: set[str], needed: set[str], compiled: int) -> list[str]:
    """What is wrong with an archive of these names, in words."""
    found = [f"{name} is missing" for name in sorted(needed - names)]
    found += [f"{name} does not belong there" for name in sorted(names) if LEFT_OUT.search(name)]
    cores = [name for name in names if re.fullmatch(r"metafast/_core\..*(so|pyd)", name)]
    if len(cores) != compiled:
        found.append(f"{len(cores)} compiled cores, {compiled} needed")
    return found


def check(folder: Path) -> int:
    """Print what is wrong with the archives of a folder; the number of faults."""
    wheels, sources = sorted(folder.glob("*.whl")), sorted(folder.glob("*.tar.gz"))
    faults = 0
    if not wheels or not sources:
        print(f"{folder} holds {len(wheels)} wheels and {len(sources)} sdists; one each is needed")
        faults += 1
    for path in [*wheels, *sources]:
        if path in wheels:
            with zipfile.ZipFile(path) as archive:
                names = {name for name in archive.namelist() if not name.endswith("/")}
            found = problems_of(names, package_files(), compiled=1)
        else:
            with tarfile.open(path) as archive:
                files = [member.name for member in archive.getmembers() if member.isfile()]
            names = {name.partition("/")[2] for name in files}
            cpp = {each.relative_to(ROOT).as_posix() for each in (ROOT / "cpp").rglob("*.?pp")}
            found = problems_of(names, {*SOURCES, *package_files(), *cpp}, compiled=0)
            found = [line for line in found if not line.startswith("cpp/tests/")]
        size = path.stat().st_size
        if size > LARGEST:
            found.append(f"{size / 2**20:.1f} MiB; at most {LARGEST >> 20} are allowed")
        print(f"{path.name}: {len(names)} files, {size / 2**20:.1f} MiB")
        for line in found:
            print(f"  {line}")
        faults += len(found)
    return faults


if __name__ == "__main__":
    sys.exit(min(check(Path(sys.argv[1])), 1))
