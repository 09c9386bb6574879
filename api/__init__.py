"""What every HTTP endpoint shares. Knows none of the apps that use it."""
