"""Benchmarks: what the product takes, compared with the least that the same rows can take.

``./run bench`` prints one table of ratios, each of runs that alternate on one machine in one
hour, because absolute times differ between machines and drift on any of them.
"""
