"""Long work of the workbooks: see fupin.jobs."""

JOBS = []
