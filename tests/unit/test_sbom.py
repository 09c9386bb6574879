"""``./run sbom``: what is installed, as CycloneDX."""

import json
import subprocess
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.paths import ROOT
from tests.unit.test_requirements import installed


def told_by_the_script():
    """Return the arguments that ``run`` gives to Python."""
    lines = (ROOT / "run").read_text().replace("\\\n", " ").splitlines()
    command = next(line for line in lines if "cyclonedx_py" in line)
    words = command.strip().replace("$root", str(ROOT)).removesuffix(' "$@"')
    return subprocess.run(
        ["sh", "-c", f"python={sys.executable}; printf '%s\\0' {words.removeprefix('exec')}"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")[:-1]


def test_it_lists_every_package_of_the_image_with_its_hashes(tmp_path):
    made = tmp_path / "sbom.json"
    ended = subprocess.run(
        [*told_by_the_script(), "-o", made],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    text = made.read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    sbom = json.loads(text)
    assert sbom["metadata"]["component"]["name"] == "store-monitoring"
    listed = {
        component["purl"]: {
            one["content"] for place in component["externalReferences"] for one in place["hashes"]
        }
        for component in sbom["components"]
    }
    assert listed == {
        f"pkg:pypi/{name}@{version}": set(hashes)
        for name, (version, hashes) in installed("requirements-s3").items()
    }
