"""What the register can read from workbooks."""

from households.imports.attendance import ATTENDANCE
from households.imports.crosschecks import CROSSCHECKS
from households.imports.measures import MEASURES
from households.imports.monitoring import MONITORING
from households.imports.pairings import PAIRINGS
from households.imports.register import REGISTER
from households.imports.villages import VILLAGES
from households.imports.visits import VISITS
from households.imports.yearly import YEARLY

IMPORTS = [REGISTER, VISITS, PAIRINGS, YEARLY, MEASURES, MONITORING, VILLAGES, ATTENDANCE, *CROSSCHECKS]
