"""The version of the code itself, which differs between two commits of one release."""

import hashlib

from django.conf import settings

_NOT_OURS = {"tests", "bench"}


def code_version() -> str:
    """Return hex digits that change with any Python file or pin of the project."""
    root = settings.BASE_DIR
    packages = (path.parent for path in root.glob("*/__init__.py"))
    ours = (package for package in packages if package.name not in _NOT_OURS)
    files = [root / "requirements.txt", *(file for one in ours for file in one.rglob("*.py"))]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(root)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
