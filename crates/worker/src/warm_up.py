import sys


def greeting(name, times=1):
    """What is said."""
    return ", ".join([f"hello {name!r}"] * times)


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __repr__(self):
        return f"Point({self.x}, {self.y:.1f})"


point = Point(1, 2.5)
squares = {number: number**2 for number in range(3) if number != 1}
try:
    squares["x"]
except KeyError as error:
    print("no", error)
assert len(squares) == 2 and "y" not in squares
print(point, squares, greeting("world"), sep="\n", file=sys.stdout)
