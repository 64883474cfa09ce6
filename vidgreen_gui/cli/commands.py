"""Runs each verb and says on the terminal what became of it."""

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import TypeAlias

import msgspec

from vidgreen_gui.model.facts import IterationFacts
from vidgreen_gui.model.faults import Fault, InputFault, Notice
from vidgreen_gui.system.logs import start_logging
from vidgreen_gui.system.paths import find_paths
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible

WORK_FAILED, CALL_IS_WRONG = 1, 2
Call: TypeAlias = argparse.Namespace


def run_verb(call: Call, texts: Texts) -> int:
    """Run `call.verb`; return the exit status. A Fault becomes its sentence and status 2."""
    if call.log_level is not None or call.verb in _RECORDING:
        start_logging(find_paths(call.data_dir).data / "logs", call.log_level or "info")
    try:
        return _VERBS[call.verb](call, texts)
    except Fault as fault:
        print(f"vidgreen-gui: {texts.fault(fault)}", file=sys.stderr)
        return CALL_IS_WRONG
    except BrokenPipeError:
        # The reader went away (`| head`): nothing more to say, and nobody to say it to.
        sys.stderr.close()
        return WORK_FAILED


def print_json(answer: object) -> None:
    """Print an answer as indented JSON."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n")


def _doctor(call: Call, texts: Texts) -> int:
    from vidgreen_gui.cli.tables import doctor_lines
    from vidgreen_gui.verbs.doctor import DoctorRequest, diagnose

    answer = diagnose(DoctorRequest(paths=find_paths(call.data_dir)), texts)
    if call.json:
        found = msgspec.to_builtins(answer)
        # What is said of a device stands beside its own fields.
        found["devices"] = [report.pop("device") | report for report in found["devices"]]
        print_json(found)
    else:
        print("\n".join(doctor_lines(answer, texts)))
    return 0


def _record(call: Call, texts: Texts) -> int:
    from vidgreen_gui.verbs.record import RecordRequest, record

    def tell(facts: IterationFacts) -> None:
        print(_ended_line(facts, texts), file=sys.stderr, flush=True)

    def warn(notice: Notice) -> None:
        print(f"vidgreen-gui: {visible(texts.fault(notice))}", file=sys.stderr, flush=True)

    request = RecordRequest(
        paths=find_paths(call.data_dir),
        comfyui=tuple(call.comfyui),
        meter=call.meter,
        until_idle_s=call.until_idle,
        for_s=call.for_s,
        trace=call.trace,
    )
    answer = record(request, _until_interrupted(), tell, warn)
    if answer.gave_up:
        print(f"vidgreen-gui: {texts.say('cli.record.no_job')}", file=sys.stderr)
        return WORK_FAILED
    return 0


def _ended_line(facts: IterationFacts, texts: Texts) -> str:
    numbers = texts.numbers
    return texts.say(
        "cli.record.ended",
        number=facts.iteration.number,
        status=texts.say(f"cli.status.{facts.iteration.status.value}"),
        energy=numbers.energy(facts.energy_wh.best),
        grade=texts.say(f"cli.grade.{facts.energy_wh.grade.value}"),
        duration=numbers.duration(facts.duration_s),
        co2e=numbers.mass(facts.co2e_g.best),
    )


def _run(call: Call, texts: Texts) -> int:
    from vidgreen_gui.verbs.run import OUR_FAILURE, NotStarted, RunRequest, run

    command = call.command[1:] if call.command[:1] == ["--"] else call.command
    if not command:
        raise InputFault("fault.cli.run_without_command")
    request = RunRequest(
        paths=find_paths(call.data_dir),
        command=tuple(command),
        clip=call.clip,
        settings=tuple(call.set),
        meter=call.meter,
    )
    try:
        return run(request)
    except Fault as fault:
        print(f"vidgreen-gui: {texts.fault(fault)}", file=sys.stderr)
        return fault.status if isinstance(fault, NotStarted) else OUR_FAILURE


def _inspect(call: Call, texts: Texts) -> int:
    from vidgreen_gui.cli.tables import settings_lines
    from vidgreen_gui.verbs.inspect import InspectRequest, inspect

    answer = inspect(InspectRequest(call.file))
    if call.json:
        print_json(replace(answer, notes=tuple(texts.say(code) for code in answer.notes)))
        return 0
    print("\n".join(settings_lines(answer.settings, texts)))
    for code in answer.notes:
        print(texts.say(code))
    return 0


def _estimate(call: Call, texts: Texts) -> int:
    from vidgreen_gui.cli.tables import estimate_lines
    from vidgreen_gui.verbs.estimate import EstimateRequest, estimate_for

    width, height = call.size or (None, None)
    answer = estimate_for(
        EstimateRequest(
            path=call.file, model=call.model, width=width, height=height, frames=call.frames,
            steps=call.steps, cfg=call.cfg, gpu=call.gpu, zone=call.zone,
            settings_path=find_paths(call.data_dir).settings,
        )
    )  # fmt: skip
    if call.json:
        print_json(answer)
    else:
        print("\n".join(estimate_lines(answer, texts)))
    return 0


def _advise(call: Call, texts: Texts) -> int:
    from vidgreen_gui.cli.tables import advice_lines
    from vidgreen_gui.verbs.advise import AdviseRequest, advice_document, advise

    answer = advise(
        AdviseRequest(
            subject=call.subject, gpu=call.gpu, write=call.write, rules=tuple(call.rule),
            paths=find_paths(call.data_dir),
        )
    )  # fmt: skip
    if call.json:
        print_json(advice_document(answer, texts))
    else:
        print("\n".join(advice_lines(answer, texts)))
    return 0


def _sessions(call: Call, texts: Texts) -> int:
    from vidgreen_gui.verbs.sessions import SessionsRequest, list_sessions, sessions_table

    answer = list_sessions(SessionsRequest(find_paths(call.data_dir).data, call.project))
    if call.json:
        print_json(answer.sessions)
    else:
        print(sessions_table(answer, texts))
    return 0


def _export(call: Call, texts: Texts) -> int:
    from vidgreen_gui.verbs.export import ExportRequest, VerifyRequest, check, export

    if call.verify is not None:
        verdict = check(VerifyRequest(call.verify))
        for problem in verdict.problems:
            print(texts.fault(problem))
        if not verdict.ok:
            return WORK_FAILED
        print(texts.say("cli.export.verified", path=call.verify.name))
        return 0
    if call.output is None:
        raise InputFault("fault.cli.export_without_path")
    answer = export(
        ExportRequest(
            data=find_paths(call.data_dir).data, session=call.session, project=call.project,
            format=call.format or call.output.suffix.lstrip("."), path=call.output,
            with_private=call.with_private,
        ),
        texts,
    )  # fmt: skip
    print(texts.say("cli.export.done", path=str(answer.path)))
    return 0


def _import(call: Call, texts: Texts) -> int:
    from vidgreen_gui.verbs.importing import ImportRequest, import_path

    answer = import_path(ImportRequest(find_paths(call.data_dir).data, call.path))
    print(texts.say("cli.import.done", added=answer.added, skipped=answer.skipped))
    return 0


def _calibrate(call: Call, texts: Texts) -> int:
    from vidgreen_gui.cli.calibrating import Progress, answer_lines
    from vidgreen_gui.verbs.calibrate import CalibrateRequest, calibrate

    request = CalibrateRequest(paths=find_paths(call.data_dir), plug=call.plug, for_s=call.for_s)
    answer = calibrate(request, _until_interrupted(), Progress(texts))
    if call.json:
        print_json(answer)
    else:
        print("\n".join(answer_lines(answer, texts)))
    return 0


def _until_interrupted() -> Event:
    """Return an event that Ctrl-C or a request to end sets."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


_RECORDING = {"record", "run"}
_VERBS: dict[str, Callable[[Call, Texts], int]] = {
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
