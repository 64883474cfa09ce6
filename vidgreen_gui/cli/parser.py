"""What can be typed: the verbs, their arguments and their help, in the user's language."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from vidgreen_gui import __version__
from vidgreen_gui.texts.catalog import LANGUAGES, Texts

VERBS = (
    "doctor", "record", "run", "inspect", "estimate", "advise", "sessions", "export", "import",
    "calibrate",
)  # fmt: skip
LOG_LEVELS = ("debug", "info", "warning", "error")


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in one line, and ends with status 2."""

    def error(self, message: str) -> NoReturn:
        """Print `message` and how to get help; raise SystemExit(2)."""
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help)\n")


def make_parser(texts: Texts) -> Parser:
    """Return the parser of the whole command line; without a verb the window opens."""
    parser = Parser(prog="vidgreen-gui", description=texts.say("cli.help.program"))
    parser.add_argument("--version", action="version", version=f"VidGreen {__version__}")
    parser.add_argument("--demo", action="store_true", help=texts.say("cli.help.demo"))
    parser.add_argument("--grab", type=Path, metavar="PNG", help=texts.say("cli.help.grab"))
    parser.add_argument(
        "--after", type=seconds, default=0.0, metavar="S", help=texts.say("cli.help.after")
    )
    _add_common(parser, texts, default=None)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    for name in VERBS:
        verb = verbs.add_parser(name, help=texts.say(f"cli.help.{name}"))
        _add_common(verb, texts, default=argparse.SUPPRESS)
        _ADDERS[name](verb, texts)
    return parser


def language_of(arguments: list[str], fallback: str) -> str:
    """Return the language asked for by --lang anywhere in a call, else `fallback`."""
    for at, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and at + 1 < len(arguments):
            return arguments[at + 1]
    return fallback


def _add_common(parser: argparse.ArgumentParser, texts: Texts, default: str | None) -> None:
    group = parser.add_argument_group(texts.say("cli.help.every_verb"))
    group.add_argument(
        "--data-dir", type=Path, default=default, metavar="DIR", help=texts.say("cli.help.data_dir")
    )
    group.add_argument(
        "--lang", choices=LANGUAGES, default=default, help=texts.say("cli.help.lang")
    )
    group.add_argument(
        "--log-level", choices=LOG_LEVELS, default=default, help=texts.say("cli.help.log_level")
    )


def _json(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--json", action="store_true", help=texts.say("cli.help.json"))


def _meter(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument(
        "--meter", default="auto", metavar="auto|nvml|hwmon|simulated|replay:FILE",
        help=texts.say("cli.help.meter"),
    )  # fmt: skip


def _doctor(parser: argparse.ArgumentParser, texts: Texts) -> None:
    _json(parser, texts)


def _record(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument(
        "--comfyui", action="append", default=[], metavar="URL", help=texts.say("cli.help.comfyui")
    )
    _meter(parser, texts)
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--until-idle", type=seconds, metavar="S", help=texts.say("cli.help.until_idle")
    )
    length.add_argument("--for", type=seconds, dest="for_s", metavar="S",
                        help=texts.say("cli.help.for"))  # fmt: skip
    parser.add_argument("--trace", type=Path, metavar="FILE", help=texts.say("cli.help.trace"))


def _run(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--clip", metavar="NAME", help=texts.say("cli.help.clip"))
    parser.add_argument(
        "--set", action="append", default=[], type=assignment, metavar="KEY=VALUE",
        help=texts.say("cli.help.set"),
    )  # fmt: skip
    _meter(parser, texts)
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")


def _inspect(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    _json(parser, texts)


def _estimate(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE")
    parser.add_argument("--model", metavar="M", help=texts.say("cli.help.model"))
    parser.add_argument("--size", type=size, metavar="WxH", help=texts.say("cli.help.size"))
    parser.add_argument("--frames", type=count, metavar="N")
    parser.add_argument("--steps", type=count, metavar="S")
    parser.add_argument("--cfg", type=float, default=None)
    parser.add_argument("--gpu", metavar="NAME", help=texts.say("cli.help.gpu"))
    parser.add_argument("--zone", metavar="Z", help=texts.say("cli.help.zone"))
    _json(parser, texts)


def _advise(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("subject", metavar="FILE|ITERATION", help=texts.say("cli.help.subject"))
    parser.add_argument("--gpu", metavar="NAME", help=texts.say("cli.help.gpu"))
    parser.add_argument("--write", type=Path, metavar="OUT.json", help=texts.say("cli.help.write"))
    parser.add_argument("--rule", action="append", default=[], metavar="R",
                        help=texts.say("cli.help.rule"))  # fmt: skip
    _json(parser, texts)


def _sessions(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--project", metavar="P", help=texts.say("cli.help.project"))
    _json(parser, texts)


def _export(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("session", nargs="?", default=None, metavar="SESSION|last")
    parser.add_argument("--project", metavar="P", help=texts.say("cli.help.project"))
    parser.add_argument("--format", default=None, metavar="csv|json|html",
                        help=texts.say("cli.help.format"))  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, metavar="PATH",
                        help=texts.say("cli.help.output"))  # fmt: skip
    parser.add_argument("--with-private", action="store_true",
                        help=texts.say("cli.help.with_private"))  # fmt: skip
    parser.add_argument("--verify", type=Path, metavar="FILE", help=texts.say("cli.help.verify"))


def _import(parser: argparse.ArgumentParser, texts: Texts) -> None:  # noqa: ARG001
    parser.add_argument("path", type=Path, metavar="FILE|FOLDER")


def _calibrate(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--plug", metavar="ADDRESS", help=texts.say("cli.help.plug"))
    parser.add_argument("--for", type=seconds, dest="for_s", metavar="S", default=300.0,
                        help=texts.say("cli.help.calibrate_for"))  # fmt: skip
    _json(parser, texts)


_ADDERS = {
    "doctor": _doctor,
    "record": _record,
    "run": _run,
    "inspect": _inspect,
    "estimate": _estimate,
    "advise": _advise,
    "sessions": _sessions,
    "export": _export,
    "import": _import,
    "calibrate": _calibrate,
}


# argparse says the names of these where a value is none: "invalid seconds value".
def seconds(text: str) -> float:
    """Return a length of time in s; raise ValueError for none."""
    value = float(text)
    if not 0.0 <= value < sys.maxsize:
        raise ValueError(text)
    return value


def count(text: str) -> int:
    """Return a whole number from 1; raise ValueError for none."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def size(text: str) -> tuple[int, int]:
    """Return width and height, as in "832x480"; raise ValueError."""
    width, _, height = text.lower().partition("x")
    return count(width), count(height)


def assignment(text: str) -> tuple[str, str]:
    """Return name and value, as in "steps=20"; raise ValueError."""
    name, mark, value = text.partition("=")
    if not mark or not name.strip():
        raise ValueError(text)
    return name.strip(), value
