"""What the register can read from workbooks."""

from households.imports.pairings import PAIRINGS
from households.imports.register import REGISTER
from households.imports.visits import VISITS

IMPORTS = [REGISTER, VISITS, PAIRINGS]
