"""Bursts are scans and typing is typing, whatever the gaps; nothing is lost or turned round."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.scan_detector import ScanDetector, ScanTiming, Verdict

CODES = st.text(alphabet="0123456789ABCxyz-./", min_size=3, max_size=40)


@dataclass
class Desk:
    """What came of a stream of keys: codes to the screen, letters to the field, in order."""

    timing: ScanTiming
    codes: list[str]
    typed: str = ""
    is_written: bool = True

    def run(self, keys: list[tuple[str, int]]) -> "Desk":
        """Give (letter or Enter, gap before it in ms) to a detector as the scanner part does."""
        detector: ScanDetector[str] = ScanDetector(self.timing)
        now = 1_000
        for letter, gap in keys:
            now += gap
            if detector.is_holding and now > detector.deadline_ms:
                self._decide(detector, detector.expire_verdict())
            verdict = self._ask(detector, letter, now)
            while verdict is Verdict.REPLAY:
                self._decide(detector, verdict)
                verdict = self._ask(detector, letter, now)
            if verdict is Verdict.SCAN:
                self._decide(detector, verdict)
            elif verdict is Verdict.PASS:
                self.typed += letter
        if detector.is_holding:
            self._decide(detector, detector.expire_verdict())
        return self

    def _ask(self, detector: ScanDetector[str], letter: str, now: int) -> Verdict:
        if letter == "\n":
            return detector.end(now)
        return detector.letter(letter, now, letter, is_written=self.is_written)

    def _decide(self, detector: ScanDetector[str], verdict: Verdict) -> None:
        held = detector.take()
        if verdict is Verdict.SCAN:
            self.codes.append(detector.code(held))
        else:
            self.typed += "".join(key.keep for key in held)


def with_gaps(code: str) -> st.SearchStrategy[tuple[str, list[int]]]:
    gaps = st.lists(st.integers(1, 30), min_size=len(code), max_size=len(code))
    return st.tuples(st.just(code), gaps)


def scan(code: str, gaps: list[int]) -> list[tuple[str, int]]:
    letters = [*code, "\n"]
    return list(zip(letters, [500, *gaps], strict=True))


@given(CODES.flatmap(with_gaps))
def test_scans_of_any_speed_arrive_whole_and_type_nothing(case: tuple[str, list[int]]) -> None:
    code, gaps = case

    desk = Desk(ScanTiming(), []).run(scan(code, gaps))

    assert (desk.codes, desk.typed) == ([code], "")


@given(st.text(alphabet="abc12 \n", max_size=40), st.data())
def test_typing_by_hand_arrives_whole_and_in_order(text: str, data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.integers(101, 900), min_size=len(text), max_size=len(text)))

    desk = Desk(ScanTiming(), []).run(list(zip(text, gaps, strict=True)))

    assert (desk.codes, desk.typed) == ([], text)


@given(
    text=st.text(alphabet="abclantern012 \n", max_size=40), is_written=st.booleans(), data=st.data()
)
def test_brisk_typing_is_never_a_scan(*, text: str, is_written: bool, data: st.DataObject) -> None:
    """60 ms for a letter are 200 words in a minute."""
    gaps = data.draw(st.lists(st.integers(60, 300), min_size=len(text), max_size=len(text)))

    desk = Desk(ScanTiming(), [], is_written=is_written).run(list(zip(text, gaps, strict=True)))

    assert (desk.codes, desk.typed) == ([], text)


def test_a_word_typed_at_a_steady_60_ms_is_a_word() -> None:
    keys = [(letter, 60) for letter in "lantern\n"]

    for is_written in (True, False):
        desk = Desk(ScanTiming(), [], is_written=is_written).run(keys)
        assert (desk.codes, desk.typed) == ([], "lantern\n")


@given(CODES, st.integers(20, 100), st.data())
def test_scanners_of_20_to_100_signs_a_second_are_scanners(
    code: str, speed: int, data: st.DataObject
) -> None:
    """Each key a little early or late; codes of digits anywhere, others where nobody writes."""
    jitter = st.lists(st.integers(-3, 3), min_size=len(code), max_size=len(code))
    gaps = [1000 // speed + late for late in data.draw(jitter)]

    desk = Desk(ScanTiming(), [], is_written=code[0].isdecimal()).run(scan(code, gaps))

    assert (desk.codes, desk.typed) == ([code], "")


def test_a_short_word_typed_in_one_stroke_is_no_scan_unless_enter_follows_at_once() -> None:
    stroke = [("t", 500), ("e", 30), ("a", 30)]

    assert Desk(ScanTiming(), []).run(stroke).typed == "tea"
    assert Desk(ScanTiming(), []).run([*stroke, ("\n", 200)]).typed == "tea\n"
    assert Desk(ScanTiming(), []).run([*stroke, ("\n", 20)]).codes == ["tea"]


@given(st.lists(st.tuples(st.sampled_from("ab1\n"), st.integers(0, 200)), max_size=60))
def test_no_key_is_ever_lost_or_doubled(keys: list[tuple[str, int]]) -> None:
    desk = Desk(ScanTiming(), []).run(keys)

    arrived = sorted("".join(desk.codes) + desk.typed.replace("\n", ""))
    assert arrived == sorted(letter for letter, _ in keys if letter != "\n")


@given(st.lists(CODES, min_size=2, max_size=4))
def test_scans_that_follow_one_another_stay_apart(codes: list[str]) -> None:
    keys = [key for code in codes for key in scan(code, [5] * len(code))]

    desk = Desk(ScanTiming(), []).run(keys)

    assert (desk.codes, desk.typed) == (codes, "")


def test_a_scan_between_typed_letters_takes_only_its_own() -> None:
    keys = [("t", 500), ("e", 180), *scan("4006381333931", [8] * 13), ("a", 400)]

    desk = Desk(ScanTiming(), []).run(keys)

    assert (desk.codes, desk.typed) == (["4006381333931"], "tea")


def test_one_slow_gap_is_part_of_a_fast_scan() -> None:
    gaps = [5] * 6 + [95] + [5] * 6

    desk = Desk(ScanTiming(), []).run(scan("4006381333931", gaps))

    assert desk.codes == ["4006381333931"]


def test_scan_without_end_key_is_taken_after_a_pause_unless_an_end_is_needed() -> None:
    keys = [(letter, 5) for letter in "40063813"]

    assert Desk(ScanTiming(), []).run(keys).codes == ["40063813"]
    assert Desk(ScanTiming(needs_end=True), []).run(keys).typed == "40063813"


def test_letters_at_a_machines_speed_without_end_are_words_where_text_is_written() -> None:
    keys = [(letter, 12) for letter in "lantern"]

    assert Desk(ScanTiming(), []).run(keys).typed == "lantern"
    assert Desk(ScanTiming(), [], is_written=False).run(keys).codes == ["lantern"]
    assert Desk(ScanTiming(), []).run([*keys, ("\n", 12)]).codes == ["lantern"]
    assert Desk(ScanTiming(), []).run([(letter, 12) for letter in "LANT-0042"]).codes


def test_two_quick_letters_and_enter_are_typing() -> None:
    desk = Desk(ScanTiming(), []).run([("o", 500), ("k", 20), ("\n", 20)])

    assert (desk.codes, desk.typed) == ([], "ok\n")


@given(st.text(alphabet="abc12", min_size=1, max_size=20), st.integers(0, 200))
def test_with_a_prefix_typing_passes_without_delay(text: str, gap: int) -> None:
    detector: ScanDetector[str] = ScanDetector(ScanTiming(prefix="~"))

    verdicts = {detector.letter(letter, at * gap, letter) for at, letter in enumerate(text)}

    assert verdicts == {Verdict.PASS}


@given(CODES, st.integers(1, 99))
def test_with_a_prefix_scans_may_be_slow_and_lose_their_prefix(code: str, gap: int) -> None:
    keys = scan("~" + code, [gap] * (len(code) + 1))

    desk = Desk(ScanTiming(prefix="~"), []).run(keys)

    assert (desk.codes, desk.typed) == ([code], "")


def test_a_prefix_typed_by_hand_reaches_the_field() -> None:
    desk = Desk(ScanTiming(prefix="~#"), []).run([("~", 500), ("x", 300), ("~", 300), ("#", 200)])

    assert (desk.codes, desk.typed) == ([], "~x~#")
