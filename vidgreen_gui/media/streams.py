"""Reads size, length and tags of a video container; decodes no frame."""

from fractions import Fraction
from typing import BinaryIO

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from vidgreen_gui.media.facts import MediaFacts
from vidgreen_gui.model.faults import InputFault

_MAX_FRAMES = 100_000_000


def read_video(stream: BinaryIO, container_format: str) -> MediaFacts:
    """Return what a container says of its first video stream; raise InputFault.

    The format is named, never guessed: a playlist that calls itself a video opens nothing else.
    """
    try:
        with av.open(
            stream, mode="r", format=container_format, metadata_errors="replace"
        ) as container:
            if not container.streams.video:
                raise InputFault("fault.media.unreadable")
            return _facts(container, container.streams.video[0])
    except (av.FFmpegError, OSError, ValueError) as error:
        raise InputFault("fault.media.damaged") from error


def _facts(container: InputContainer, video: VideoStream) -> MediaFacts:
    rate = video.average_rate or video.guessed_rate
    tags = {name.lower(): text for name, text in container.metadata.items()}
    return MediaFacts(
        kind="video",
        width=video.width or None,
        height=video.height or None,
        frames=_frames(container, video, rate),
        fps=float(rate) if rate else None,
        tags={**{name.lower(): text for name, text in video.metadata.items()}, **tags},
    )


def _frames(container: InputContainer, video: VideoStream, rate: Fraction | None) -> int | None:
    """Return the number of frames; Matroska says 0 and leaves it to length times rate."""
    if video.frames > 0:
        return int(video.frames)
    if not rate:
        return None
    if video.duration and video.time_base:
        seconds = video.duration * video.time_base
    elif container.duration and container.duration > 0:
        seconds = Fraction(container.duration, av.time_base)
    else:
        return None
    frames = round(seconds * rate)
    return frames if 0 < frames < _MAX_FRAMES else None
