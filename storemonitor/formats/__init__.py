"""Date formats for Django's templates, by language."""
