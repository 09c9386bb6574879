"""Log lines that tell of which request they are, through web, queue and worker."""
