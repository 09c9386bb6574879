"""Signing in by an OpenID Connect provider, with django-allauth: only if OIDC_ISSUER is set."""
