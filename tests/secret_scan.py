"""No file of the repository contains a password or a key: one check of ``./run test``.

detect-secrets looks at every file that git would commit. What it takes for a secret and is none is
listed here by its value, so that anything else is found wherever it stands.
"""

import subprocess
import sys
from pathlib import Path

from detect_secrets.pre_commit_hook import main as scan

ROOT = Path(__file__).resolve().parent.parent
# Hashes of packages, and files of others.
SKIPPED = r"^requirements.*\.txt$|\.(js|css|png|svg)$"
NO_SECRETS = (
    # Of examples in texts, and of accounts that tests make.
    r"password|secret|seed|mine|right|wrong|wrong words|true|1|whsec_\.\.\.",
    r"a-long-password|correct horse battery staple|the key of another machine",
    # An id of a request.
    "0af7651916cd43dd8448eb211c80319c",
    r"something else entirely|guess|n3w-pass-phrase",
    r"another key, as long as it has to be, 0123456789 abcdefgh",
    r"the-same-on-every-host-of-chaos, 0123456789 abcdefgh",
    # Examples in the API's documentation.
    r"(whsec_)?MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "30ca2989a30d69a95984dd6950af8ae0b43421192b3808d398de9c060e4b4d01",
    "2d7e9f27f2e31ab3c15ae8ab09177dad243aa9f338e556123e06c61e735637b3",
    "17022dcf4f8df0c7|7b2db5dad5c35751|43ce2d6ed7dff744|a10c102889ed11ea",
    # Letters that an id may have, and checksums of made-up data.
    "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "dd5bee540e460ef05b51a865c885376b2533ed5e7be0faa4d676c64e7ae05b2c",
    "17c96e9d45c25185cb78c229be7661d059df497c0b9fde67941afb321d848559",
    "0649bab242b62cee2976c15f83121a9faeb2b9ba0e59350584afc64b5dc4e12c",
    "9cb84cd9a1700ae4|5d99685cdd27f8a5|113a92297317a9bb|a8319c3362534565",
)


def main() -> int:
    """Print what looks like a secret, and return 0 if nothing does."""
    return scanned(files(ROOT))


def files(root: Path) -> list[str]:
    """Return the files that git has or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def scanned(names: list[str]) -> int:
    """Print what looks like a secret in these files, and return 0 if nothing does."""
    known = f"^({'|'.join(NO_SECRETS)})$"
    return scan(["--exclude-files", SKIPPED, "--exclude-secrets", known, *names])


if __name__ == "__main__":
    sys.exit(main())
