class Fixed:
    """An argument of an address that names no row: the same for every place."""

    def __init__(self, value):
        self.value = value

    def __call__(self, at):
        return self.value
