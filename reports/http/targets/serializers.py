"""The results of a target in answers, and the parameters of a request for them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rest_framework import serializers

from api.serializers import InstantField, QuerySerializer
from reports.targets.computing import Piece
from targets.http.serializers import TargetSerializer
from uptime.printing.rounding import percentage
from uptime.targets.judging import Verdict
from uptime.targets.printing import text_of_burn_rate
from uptime.targets.results import Results

_COUNTED = (Verdict.MET, Verdict.MISSED, Verdict.CANNOT_BE_TOLD)
VERDICTS = [verdict.text for verdict in Verdict]
USUAL, MOST = 100, 1000


class ResultsQuery(QuerySerializer):
    """As of when, and how many results."""

    as_of = InstantField(required=False, help_text="Default: the newest poll.")
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, help_text=f"Results; {USUAL} by default."
    )


class CountsSerializer(serializers.Serializer[Any]):
    """The verdicts of one window over all stores to which the target applies."""

    window = serializers.CharField()
    met = serializers.IntegerField()
    missed = serializers.IntegerField()
    cannot_be_told = serializers.IntegerField()
    at_risk = serializers.IntegerField(help_text="Some of those of which it cannot be told.")


class ResultSerializer(serializers.Serializer[Any]):
    """A store in one window, by rules 28 to 31 of docs/uptime.md."""

    store_id = serializers.CharField()
    window = serializers.CharField()
    verdict = serializers.ChoiceField(VERDICTS)
    at_risk = serializers.BooleanField()
    uptime_percentage = serializers.CharField(help_text="`n/a` if nothing is known.")
    open_us = serializers.IntegerField()
    up_us = serializers.IntegerField()
    down_us = serializers.IntegerField()
    unknown_us = serializers.IntegerField()
    least_uptime_us = serializers.IntegerField(help_text="With all unknown time down.")
    most_uptime_us = serializers.IntegerField(help_text="With all unknown time up.")
    to_come_us = serializers.IntegerField(help_text="Open time of the window after as of.")
    budget_us = serializers.IntegerField()
    spent_us = serializers.IntegerField()
    left_us = serializers.IntegerField(help_text="Negative once more is spent.")
    burn_rate = serializers.CharField(help_text="`n/a` if there is no budget or no open time yet.")


class ResultsSerializer(serializers.Serializer[Any]):
    """What a target comes to, the worst first."""

    target = TargetSerializer()
    as_of = serializers.DateTimeField()
    counts = CountsSerializer(many=True)
    results = ResultSerializer(many=True)


def told_counts(texts: Sequence[str], pieces: Sequence[Piece]) -> list[dict[str, Any]]:
    """Return the counts of each window. ``texts``: the windows of the question."""
    found = []
    for place, text in enumerate(texts):
        counts = np.zeros(len(Verdict), dtype=np.int64)
        at_risk = 0
        for piece in pieces:
            there = piece.results.window == place
            judgement = piece.results.judgement
            counts += np.bincount(judgement.verdict[there], minlength=len(Verdict))
            at_risk += int(np.count_nonzero(judgement.at_risk[there]))
        named = {verdict.name.lower(): int(counts[verdict]) for verdict in _COUNTED}
        found.append({"window": text, **named, "at_risk": at_risk})
    return found


def told_results(texts: Sequence[str], pieces: Sequence[Piece], limit: int) -> list[dict[str, Any]]:
    """Return the worst results, the worst first."""
    rows = [row for piece in pieces for row in _worst(texts, piece, limit)]
    rows.sort(key=lambda pair: pair[0])
    return [row for _, row in rows[:limit]]


def _worst(
    texts: Sequence[str], piece: Piece, limit: int
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Yield the worst results of a piece, each with the key that sorts it among all pieces."""
    places = piece.results.judgement.worst_first()[:limit]
    results = piece.results.at(places)
    shares = percentage(results.measured.up, results.measured.up + results.measured.down)
    for row, place in enumerate(places.tolist()):
        told = _told(texts, results, row, str(shares[row]))
        said = {"store_id": piece.store_ids[place], **told}
        on_track = bool(results.judgement.on_track[row])
        rank = (told["verdict"] != Verdict.MISSED.text, not told["at_risk"], on_track)
        yield (*rank, told["left_us"], said["store_id"], results.window[row]), said


def _told(texts: Sequence[str], results: Results, row: int, share: str) -> dict[str, Any]:
    measured, judgement = results.measured, results.judgement
    return {
        "window": texts[int(results.window[row])],
        "verdict": Verdict(int(judgement.verdict[row])).text,
        "at_risk": bool(judgement.at_risk[row]),
        "uptime_percentage": share,
        "open_us": int(measured.open[row]),
        "up_us": int(measured.up[row]),
        "down_us": int(measured.down[row]),
        "unknown_us": int(measured.unknown[row]),
        "least_uptime_us": int(judgement.least[row]),
        "most_uptime_us": int(judgement.most[row]),
        "to_come_us": int(measured.to_come[row]),
        "budget_us": int(judgement.budget[row]),
        "spent_us": int(judgement.spent[row]),
        "left_us": int(judgement.left[row]),
        "burn_rate": text_of_burn_rate(int(judgement.burn_rate[row])),
    }
