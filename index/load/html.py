"""HTML → article."""
def read(content, name):
    raise NotImplementedError
def charset(content):
    return None
