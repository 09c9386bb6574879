"""Special days: dated hours or closed days of a store, a tag or the fleet (rule 20)."""
