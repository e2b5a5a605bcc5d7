"""How an app writes and reads JSON; replace it in `app.json` or `json_provider_class`.

See `tantalus_http`.
"""

from __future__ import annotations

from tantalus_http import (
    DefaultJSONProvider,
    JSONApp,
    JSONProvider,
    StrictJSONProvider,
)

__all__ = ["DefaultJSONProvider", "JSONApp", "JSONProvider", "StrictJSONProvider"]
