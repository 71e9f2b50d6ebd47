VISITS = None
