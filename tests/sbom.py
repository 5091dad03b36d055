"""Brings the list of what the program rests on up to date, with versions and licences.

    python -m tests.sbom ENVIRONMENT

ENVIRONMENT is a virtual one that has the program with all its extras but `dev`, in the versions of
`.ci/constraints.txt`, and nothing else. The list is in CycloneDX 1.6 and goes into the wheel, as
PEP 770 has it; `cyclonedx-py` has to be on PATH.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests import ROOT

SBOM = ROOT / ".ci" / "sbom.cdx.json"
# What every environment begins with.
_TOOLS = frozenset({"pip", "setuptools"})
_OURS = "ways-back"


def made(environment: str) -> dict[str, Any]:
    """Return the list for an environment; raises CalledProcessError where none can be made."""
    call = ["cyclonedx-py", "environment", "--pyproject", str(ROOT / "pyproject.toml")]
    call += ["--output-reproducible", "--short-PURLs", "--of", "JSON", environment]
    told = json.loads(subprocess.run(call, check=True, capture_output=True).stdout)
    left_out = {
        part["bom-ref"] for part in told["components"] if part["name"] in _TOOLS | {_OURS}
    } - {told["metadata"]["component"]["bom-ref"]}
    told["components"] = [
        {name: value for name, value in part.items() if name != "externalReferences"}
        for part in told["components"]
        if part["bom-ref"] not in left_out
    ]
    told["dependencies"] = [each for each in told["dependencies"] if each["ref"] not in left_out]
    del told["metadata"]["tools"]
    return dict(told)


def parts() -> dict[str, tuple[str, str]]:
    """Return version and licence of each part in the list, by its name."""
    told = json.loads(SBOM.read_text("utf-8"))
    return {part["name"]: (part["version"], licence(part)) for part in told["components"]}


def licence(part: dict[str, Any]) -> str:
    """Return the licence of a part, as its packager wrote it."""
    written = (each.get("expression") or each["license"] for each in part["licenses"])
    return " AND ".join(
        each if isinstance(each, str) else each.get("id") or each["name"].rpartition(":: ")[2]
        for each in written
    )


if __name__ == "__main__":
    SBOM.write_text(json.dumps(made(sys.argv[1]), indent=1) + "\n", "utf-8")
