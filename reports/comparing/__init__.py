"""Two reports side by side: the stores whose numbers changed by more than can be chance."""
