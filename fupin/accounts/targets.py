"""What the trail calls pages and the subjects of bureaus (settings.TARGET_MODULES)."""

from fupin.accounts.policy import POLICY
from fupin.accounts.roles import Subject

TARGETS = [(name, rule.title) for name, rule in POLICY.items()]
TARGETS += [(f"subject:{subject}", f"行业数据（{subject.label}）") for subject in Subject]
