"""The plugin of pytest: its options. What collects and runs snippets is loaded where a run asks for it."""


def pytest_addoption(parser):
    group = parser.getgroup("snipcheck", "snippets of documents (snipcheck)")
    group.addoption("--snipcheck", action="store_true", help="collect the Python snippets of documents")
    group.addoption(
        "--snipcheck-args",
        action="append",
        default=[],
        metavar="ARGS",
        help="flags for `snipcheck run`, such as '--timeout 30s'; repeat it for more",
    )
    parser.addini("snipcheck", "collect the Python snippets of documents, as --snipcheck", type="bool", default=False)
    parser.addini("snipcheck_args", "flags for `snipcheck run`", type="args", default=[])


def pytest_configure(config):
    config.addinivalue_line("markers", "snipcheck: a snippet of a document, run by snipcheck")
    if not config.getoption("snipcheck") and not config.getini("snipcheck"):
        return

    from snipcheck.pytest_documents import Documents

    config.pluginmanager.register(Documents(config), "snipcheck-documents")
