//! Code, and what it may depend on.

use crate::syntax::{Reach, Tree};

#[track_caller]
fn check(code: &str, expected: Reach) {
    assert_eq!(Tree::parse(code).reached().reach, expected, "{code}");
}

#[test]
fn code_reaches_what_its_names_reach() {
    for code in [
        "",
        "x = 1\nprint(x)  # open",
        "import json, collections.abc\nfrom math import pi",
        "import asyncio\nasync def main(): pass\nasyncio.run(main())",
        "def executor(): pass\nexecutor()",
        "def ask(cursor): cursor.execute('select 1')",
        "text = 'open(name)'",
        "path = config = 1\nprint(path)",
    ] {
        check(code, Reach::Itself);
    }
    for code in [
        "open('a.txt')",
        "f'{open(name)}'",
        "import pathlib",
        "import numpy as np",
        "from . import a",
        "import logging.config",
        "import io\nio.open('x')",
        "from codecs import open as o",
        "import sys\nsys.modules['os']",
        "[].__class__.__base__.__subclasses__()",
        "exec('import os')",
        "lambda: [x for x in vars()]",
        "def f(:",
    ] {
        check(code, Reach::Files);
    }
    for code in [
        "import subprocess",
        "from multiprocessing import Pool",
        "import os\nos.system('ls')",
        "import os\nos.execv('/bin/sh', [])",
        "import os\nos.spawnlp",
        "import asyncio\nasyncio.create_subprocess_shell('ls')",
        "import uuid\nuuid.uuid1()",
    ] {
        check(code, Reach::Machine);
    }
}

#[test]
fn modules_are_named_by_their_first_part() {
    let reached = Tree::parse("import collections.abc\nif x:\n    from json import loads\n").reached();
    assert_eq!(reached.modules.iter().map(String::as_str).collect::<Vec<_>>(), ["collections", "json"]);
}
