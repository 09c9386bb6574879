"""Every kind of report by its name."""

from collections.abc import Mapping

from reports.kinds.measured import KindOfReport
from reports.kinds.outages import OutagesOfStores
from reports.kinds.rollup import RollUpOfScopes
from reports.kinds.targets_of_stores import TargetsOfStores
from reports.kinds.uptime_of_stores import UptimeOfStores

KINDS: Mapping[str, KindOfReport] = {
    "uptime": UptimeOfStores(),
    "rollup": RollUpOfScopes(),
    "outages": OutagesOfStores(),
    "targets": TargetsOfStores(),
}
