"""What a report is asked for, checked and turned into a row."""
