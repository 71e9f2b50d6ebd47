"""文书: plans, schemes and summaries put together from sections of text with live figures.

`text` reads a section's text into blocks, `kinds` says what each kind of paper holds to begin with, `sources` answers
the figures and tables that a text may name, `word` writes a .docx. Structure: domain reference 1.7.
"""
