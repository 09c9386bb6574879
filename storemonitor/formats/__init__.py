"""How pages write dates where Django does it, by language."""
