"""One way of a trace laid over the picture: its lines, where each hop is on them, its checkpoints and its end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from designer.engine.trace.hops import Direction, Hop, Path
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.lines import Track, aside, flattened, rounded
from designer.ui.canvas.trace.router import Point
from designer.ui.canvas.trace.stations import Stations
from designer.ui.canvas.trace.stops import Journey, journey_of

# Half of the distance between a line and the one that comes back beside it.
ASIDE = 3.5
# The same where a packet turns and goes back to its sender (hairpin): there the two lines are all that is to be seen.
ASIDE_TURNING = 15.0
SHIELD = 16.0
SHIELDS: dict[str, str] = {"allowed": "delivered", "denied": "denied"}


@dataclass(frozen=True, slots=True)
class Leg:
    """The line from one station to the next: `first` and `last` are the lengths along the whole at its ends."""

    start: str
    end: str
    direction: Direction
    path: QPainterPath
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Shield:
    """A policy checkpoint: where its shield is, how it decided (a verdict), and at which hop."""

    rect: QRectF
    verdict: str
    hop: int


@dataclass(frozen=True, slots=True)
class Course:
    """A path with its geometry. `lengths[i]` is how far along `track` hop i happens.

    `end_hop` is the hop at which the verdict is known, `end` where its sign stands.
    """

    path: Path
    legs: tuple[Leg, ...]
    track: Track
    lengths: tuple[float, ...]
    shields: tuple[Shield, ...]
    end_hop: int
    stations: tuple[tuple[str, QRectF], ...]

    @property
    def end(self) -> QPointF:
        """Where the sign of the verdict stands."""
        return self.point_of(self.end_hop)

    def point_of(self, hop: int) -> QPointF:
        """Where a hop happens."""
        return QPointF(*self.track.at(self.lengths[hop]))

    def length_at(self, position: float) -> float:
        """How far along the line a player's position is; between two hops the token eases out and in."""
        last = len(self.lengths) - 1
        here = min(max(int(position + 1e-9), 0), last)
        if here == last:
            return self.lengths[last]
        part = ease(min(max(position - here, 0.0), 1.0))
        return self.lengths[here] + (self.lengths[here + 1] - self.lengths[here]) * part

    def point_at(self, position: float) -> QPointF:
        """Where the token is at a player's position."""
        return QPointF(*self.track.at(self.length_at(position)))

    def bounds(self) -> QRectF:
        """The rectangle round all its lines."""
        whole = QRectF(self.end, self.end)
        for leg in self.legs:
            whole = whole.united(leg.path.boundingRect())
        for shield in self.shields:
            whole = whole.united(shield.rect)
        return whole


def ease(part: float) -> float:
    """A part 0…1 of a way with slow ends: cubic in and out."""
    return 4 * part**3 if part < 0.5 else 1 - (2 - 2 * part) ** 3 / 2


def course_of(scene: CanvasScene, path: Path) -> Course | None:
    """The course of a path in what the scene shows now; None when it shows nothing of it."""
    stations = Stations(scene)
    journey = journey_of(path.hops, stations.find)
    if not journey.visits:
        return None
    ways = _ways(stations, journey)
    points, marks = _joined(stations, journey, ways)
    track = Track(points)
    known = [min(mark, track.length) for mark in marks]
    legs = tuple(
        Leg(one.station, two.station, two.direction, rounded(way), known[2 * at + 1], known[2 * at + 2])
        for at, (one, two, way) in enumerate(zip(journey.visits, journey.visits[1:], ways, strict=False))
    )
    lengths = _lengths(journey, known, len(path.hops))
    places = dict.fromkeys(visit.station for visit in journey.visits)
    return Course(
        path,
        legs,
        track,
        lengths,
        _shields(stations, path.hops),
        _end_hop(path),
        tuple((station, stations.rect(station)) for station in places),
    )


def _ways(stations: Stations, journey: Journey) -> list[list[Point]]:
    """The line of every leg; lines between the same two stations run beside each other."""
    straight: dict[frozenset[str], tuple[str, list[Point]]] = {}
    used: dict[tuple[str, str], int] = {}
    pairs = [(one.station, two.station) for one, two in zip(journey.visits, journey.visits[1:], strict=False)]
    both = {frozenset(pair) for pair in pairs if pair[::-1] in pairs}
    turning = _turning(journey)
    found = []
    for start, end in pairs:
        pair = frozenset((start, end))
        if pair not in straight:
            straight[pair] = (start, stations.way(start, end))
        first, way = straight[pair]
        if first != start:
            way = way[::-1]
        times = used.get((start, end), 0)
        used[start, end] = times + 1
        by = ASIDE * (1 + 2 * times) if pair in both else ASIDE * 2 * times
        found.append(aside(way, by + ASIDE_TURNING if pair in turning else by))
    return found


def _turning(journey: Journey) -> set[frozenset[str]]:
    """The pairs of stations between which a request goes to and fro: it comes back to its own sender."""
    visits = journey.visits
    return {
        frozenset((one.station, two.station))
        for one, two, three in zip(visits, visits[1:], visits[2:], strict=False)
        if one.station == three.station and one.direction == two.direction == three.direction == "request"
    }


def _joined(stations: Stations, journey: Journey, ways: list[list[Point]]) -> tuple[list[Point], list[float]]:
    """All points of the whole line, and the lengths at which each visit begins and ends, in turn."""
    pieces: list[list[Point]] = []
    last = len(journey.visits) - 1
    for at, visit in enumerate(journey.visits):
        entry = ways[at - 1][-1] if at else None
        if at == last:
            inside = stations.rest(visit.station, entry)
        elif entry is None:
            inside = [ways[0][0]]
        else:
            inside = stations.through(visit.station, entry, ways[at][0])
        pieces.append(flattened(rounded(inside)))
        if at < last:
            pieces.append(flattened(rounded(ways[at])))
    points: list[Point] = []
    lengths: list[float] = []
    for piece in pieces:
        points += piece
        lengths.append(Track(piece).length)
    ends = list(accumulate(lengths))
    marks = []
    for at in range(last + 1):
        end = ends[2 * at]
        marks += [end - lengths[2 * at], end]
    return points, marks


def _lengths(journey: Journey, marks: list[float], count: int) -> tuple[float, ...]:
    """The length of every hop: spread over the stay at its station, or over the way to the next."""
    found = [0.0] * count
    for at, visit in enumerate(journey.visits):
        first, last = marks[2 * at], marks[2 * at + 1]
        final = at == len(journey.visits) - 1
        for place, hop in enumerate(visit.hops):
            part = (place + 1) / len(visit.hops) if final else (place + 0.5) / len(visit.hops)
            found[hop] = first + (last - first) * part
        if at < len(journey.between):
            start, end = last, marks[2 * at + 2]
            hops = journey.between[at]
            for place, hop in enumerate(hops):
                found[hop] = start + (end - start) * (place + 1) / (len(hops) + 1)
    return tuple(accumulate(found, max))


def _shields(stations: Stations, hops: tuple[Hop, ...]) -> tuple[Shield, ...]:
    """The checkpoints at which some policy had a say, on the chips of their Pods."""
    found = []
    for index, hop in enumerate(hops):
        if hop.kind != "policy" or not (hop.decided_by or hop.outcome != "allowed"):
            continue
        chip = stations.chip(hop.at)
        station = stations.find(hop.at)
        if chip is None and station is None:
            continue
        rect = chip or stations.rect(station or "")
        place = QRectF(rect.right() - 22, rect.top() + 8, SHIELD, SHIELD)
        found.append(Shield(place, SHIELDS.get(hop.outcome, "cannot-tell"), index))
    return tuple(found)


def _end_hop(path: Path) -> int:
    """Where the verdict is known: where the request ends, when its sender gets an answer, else the last hop."""
    last = len(path.hops) - 1
    answered = last >= 0 and path.hops[last].direction == "reply" and path.hops[last].kind == "deliver"
    if path.verdict != "delivered" and not answered:
        return last
    return next((at for at in range(last, -1, -1) if path.hops[at].direction == "request"), last)
