"""The README's walk through the main job, run from its own text."""

import re
import subprocess
from pathlib import Path

from tests.e2e.product import Product

README = Path(__file__).parents[2] / "README.md"


def walk() -> str:
    text = README.read_text()
    part = text[text.index("<!-- walk:") : text.index("<!-- end of the walk -->")]
    return "\n".join(re.findall(r"```bash\n(.*?)```", part, re.DOTALL))


def test_the_walk_of_the_readme_works_as_it_stands(embedded: Product) -> None:
    script = "set -euo pipefail\n" + walk().replace("http://localhost:8000", embedded.public_url)
    script = script.replace("http://127.0.0.1:8100", embedded.sandbox.url)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "HubSpot is connected" in done.stdout
    assert '"status":"succeeded"' in done.stdout
    assert '"counts":{"contact":1000,"company":10,"deal":10}' in done.stdout
    assert '"action":"password_reset","outcome":"success"' in done.stdout
    assert '"timezone":"Europe/Berlin"' in done.stdout
