"""The way in: a verb goes to the command line, anything else opens the window."""

import gc
import os
import sys


def main() -> int:
    """Run what the user typed; return the process's exit status."""
    # What a start makes stays; to look for rubbish meanwhile takes an eighth of it and finds none.
    gc.disable()
    # A thread pool for matrices costs start-up time and memory, and nothing here uses one.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from vidgreen_gui.cli.parser import language_of, make_parser
    from vidgreen_gui.system.language import preferred_language
    from vidgreen_gui.system.paths import find_paths
    from vidgreen_gui.system.resources import load_texts

    arguments = sys.argv[1:]
    language = language_of(arguments, preferred_language(find_paths().settings))
    texts = load_texts(language)
    call = make_parser(texts).parse_args(arguments)
    if call.verb is None:
        from vidgreen_gui.app import run_window

        return run_window(call.data_dir, texts, demo=call.demo, grab=call.grab, after_s=call.after)
    from vidgreen_gui.cli.commands import run_verb

    gc.enable()
    return run_verb(call, texts)


if __name__ == "__main__":
    sys.exit(main())
