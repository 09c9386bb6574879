"""The version of the rules, which every report names.

It is raised when a rule is added or changed so that the same data can give other numbers.
docs/uptime.md has the same table.
"""

RULES = {
    1: "Rules 1 to 19: the first version that reports name.",
    2: "Rules 20 and 21: special days and excluded time.",
}
RULES_VERSION = max(RULES)


def rules_since(version: int) -> list[str]:
    """Return what each later version changed, oldest first."""
    return [text for number, text in sorted(RULES.items()) if number > version]
