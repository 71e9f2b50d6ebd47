"""What the register can read from workbooks."""

from households.imports.register import REGISTER

IMPORTS = [REGISTER]
