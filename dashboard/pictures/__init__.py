"""Pictures as SVG: bars, strips, timelines."""
