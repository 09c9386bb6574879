"""Numbers of the fleet, of each time zone and of each tag: exact sums of those of its stores."""
