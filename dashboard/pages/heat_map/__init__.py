"""The fleet heat map: every store of the week, worst first, hour by hour."""

from dashboard.pages.heat_map.view import HeatMapBytes, HeatMapRows

__all__ = ["HeatMapBytes", "HeatMapRows"]
