"""Write the JSON Schemas of the settings: ``make schema``."""

from __future__ import annotations

import json
from pathlib import Path

from spyhop.settings.json_schema import json_schema

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Write the schema of ``spyhop.toml``, and that of editors' settings."""
    for path, camel_case in (("docs/spyhop", False), ("extension/settings", True)):
        text = json.dumps(json_schema(camel_case=camel_case), ensure_ascii=False, indent=2)
        (ROOT / f"{path}.schema.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
