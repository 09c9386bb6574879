"""The core's judgement of one store, as the reference writes it."""

from tests.reference_targets import Result
from uptime.targets.judging import Judgement, Verdict
from uptime.targets.printing import text_of_burn_rate


def result_of(judgement: Judgement) -> Result:
    names = ("least", "most", "budget", "spent", "left", "at_risk")
    return Result(
        verdict=Verdict(judgement.verdict.item()).text,
        burn_rate=text_of_burn_rate(judgement.burn_rate.item()),
        **{name: getattr(judgement, name).item() for name in names},
    )
