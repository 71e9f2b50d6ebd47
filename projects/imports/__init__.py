"""What the projects can read from workbooks."""

from projects.imports.ledger import FUND_LEDGER
from projects.imports.pool import PROJECTS

IMPORTS = [PROJECTS, FUND_LEDGER]
