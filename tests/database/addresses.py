"""Every address, from the URL resolver: path with its parameters, and name."""

from django.urls import get_resolver


def patterns(given, prefix="/"):
    """Yield path and name of each address."""
    for one in given:
        path = prefix + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from patterns(one.url_patterns, path)
        else:
            yield path, one.name


ADMIN = [
    (path, name)
    for path, name in patterns(get_resolver().url_patterns)
    if path.startswith("/admin/")
]
DASHBOARD = [
    (path, name)
    for resolver in get_resolver().url_patterns
    if getattr(resolver, "app_name", "") == "dashboard"
    for path, name in patterns(resolver.url_patterns)
]
