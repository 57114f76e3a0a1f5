"""Signing in and out: with a token, or with an identity provider by OpenID Connect."""
