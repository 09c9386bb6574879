"""Problem details: the answers to requests that fail, and the exceptions behind them."""
