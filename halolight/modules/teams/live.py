"""Shares in the streams of live events."""

from halolight.extensions import live

live.kind("share", permission="{resource}:view")
