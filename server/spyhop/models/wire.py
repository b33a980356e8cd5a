"""What comes from a runtime, checked."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """A value as a runtime sends it; fields that nobody needs are not looked at."""

    # What came may hold a key that the server repeats, so errors do not quote it.
    model_config = ConfigDict(extra="ignore", protected_namespaces=(), hide_input_in_errors=True)
