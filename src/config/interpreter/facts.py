import sys

free_threaded = "t" in getattr(sys, "abiflags", "")
debug = hasattr(sys, "gettotalrefcount")
implementation = getattr(sys, "implementation", None)
facts = [
    sys.version.split()[0],
    implementation.name if implementation else "cpython",
    ("t" if free_threaded else "") + ("d" if debug else ""),
    getattr(sys, "base_prefix", sys.prefix),
    sys.executable,
]
sys.stdout.write("".join(fact + "\n" for fact in facts))
