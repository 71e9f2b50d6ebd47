"""Numbers as text: "1-500 502"."""


def spelled(numbers, between=" "):
    """Ascending whole numbers, those in a row as first and last; "" for none."""
    spans = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return between.join(f"{first}-{last}" if last > first else f"{first}" for first, last in spans)


def spans_of(text, between=" "):
    """`[(first, last)]` of what `spelled` wrote. ValueError for what it did not."""
    found = []
    for part in filter(None, text.split(between)):
        first, _, last = part.partition("-")
        found.append((int(first), int(last or first)))
    return found
