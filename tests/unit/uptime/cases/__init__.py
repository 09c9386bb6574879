"""The one table of cases, in chapters."""

from tests.unit.uptime.cases.daylight import DAYLIGHT
from tests.unit.uptime.cases.evidence import EVIDENCE
from tests.unit.uptime.cases.exceptions import EXCLUSIONS, SPECIAL_DAYS
from tests.unit.uptime.cases.filling import FILLING
from tests.unit.uptime.cases.opening import OPENING
from tests.unit.uptime.cases.zones import ZONES

CASES = [*FILLING, *EVIDENCE, *OPENING, *DAYLIGHT, *ZONES, *SPECIAL_DAYS, *EXCLUSIONS]
