"""Papers of any kind: text with live figures read into blocks (`text`), and blocks as .docx (`word`)."""
