"""Numbers of events as text: "1-500 502"."""


def spelled(numbers):
    """Ascending numbers as text: "1-500 502"."""
    spans, first = [], None
    for number in numbers:
        if first is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            spans.append((first, last))
            first = last = number
    spans.append((first, last))
    return " ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in spans)


def spans_of(text):
    """`[(first, last)]` of what `spelled` wrote."""
    found = []
    for part in text.split():
        first, _, last = part.partition("-")
        found.append((int(first), int(last or first)))
    return found
