"""Short ways to write metrics."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

PREFIX = "storemonitor_"


def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    """Return a metric with one value."""
    return GaugeMetricFamily(PREFIX + name, text, value=value)


def gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """Return a metric with a value for each value of one label."""
    return labelled(name, text, (label,), (((key,), value) for key, value in values.items()))


def labelled(
    name: str,
    text: str,
    labels: Iterable[str],
    values: Iterable[tuple[tuple[str, ...], float]],
) -> GaugeMetricFamily:
    """Return a metric with several labels."""
    family = GaugeMetricFamily(PREFIX + name, text, labels=[*labels])
    for one, value in values:
        family.add_metric(one, value)
    return family


def seconds(earlier: datetime, now: datetime) -> float:
    """Return an age, negative for an instant in the future."""
    return (now - earlier).total_seconds()
