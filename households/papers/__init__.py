"""文书: plans, schemes and summaries put together from sections of text with live figures.

`kinds` says what each kind of paper holds to begin with, `sources` answers the figures and tables that a text may name.
Structure: domain reference 1.7.
"""
