"""The program of docs/receipts.md, as it stands there: it proves a receipt, and not one that was altered. scripts/clients."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from house import House, until

binary, root = str(Path(sys.argv[1]).resolve()), Path(__file__).parents[2]
(program,) = re.findall(r"^```python\n(.*?)^```$", (root / "docs/receipts.md").read_text(), re.M | re.S)
ORDER = (
    '{"kind":"donate","amount":{"value":2500,"currency":"GBP"},"frequency":"once","method":"card","contact":{"title":"Ms","first_name":"Pat",'
    '"last_name":"Example","email":"pat@example.org","address":{"line1":"1 High Street","town":"Bedford","postcode":"MK40 1AA","country":"GB"}}}'
)

with tempfile.TemporaryDirectory(prefix="almoner-receipt-") as scratch:
    house = House(binary, scratch, root / "config/development.toml", [])
    try:
        reference = house.pay(house.given(ORDER))
        house.run("keygen", "report", "--out", "books.key")
        until("its outcome", lambda: '"accepted"' in house.run("outcomes", "show", reference, "--config", "almoner.toml", "--json"))
        house.run("outcomes", "receipt", reference, "--config", "almoner.toml", "--key", "books.key", "--out", "receipt.json")
    finally:
        house.end()

    def proved():
        return subprocess.run([sys.executable, "-c", program], cwd=scratch, capture_output=True, text=True)

    receipt = Path(scratch, "receipt.json")
    assert proved().returncode == 0, proved().stderr
    receipt.write_text(receipt.read_text().replace("2500", "2600"))
    assert "InvalidSignature" in proved().stderr, "an altered receipt is proved"
print("the receipt is proved, and not once it is altered")
