"""Writes the words for dates in other languages that questions are read with, from the data of dateparser.

Usage: python scripts/build_date_words.py FOLDER > app/memory/text/dates/date_words.json
FOLDER is `dateparser/data/date_translation_data` of an unpacked dateparser 1.5.0 (BSD-3-Clause), whose data are made
of Unicode CLDR (Unicode-3.0) and additions of its own. "#" stands for a number. Words that mean something else as
often, abbreviations of one and two letters among them, are left out.
"""

# ruff: noqa: E501 (the tables have letters of many widths)

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

LANGUAGES = {
    "arabic": "ar", "catalan": "ca", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu",
    "indonesian": "id", "italian": "it", "japanese": "ja", "korean": "ko", "norwegian": "nb", "persian": "fa",
    "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru", "spanish": "es", "swedish": "sv",
    "thai": "th", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
UNITS = ("day", "week", "month", "year")
SHIFTS = {"1 {} ago": "last", "0 {} ago": "this", "in 1 {}": "next"}
NEAR_DAYS = {"1 day ago": "yesterday", "0 day ago": "today", "in 1 day": "tomorrow"}
# CLDR does not name the weekend.
WEEKENDS = {
    "arabic": "عطلة نهاية الأسبوع", "catalan": "cap de setmana", "chinese": "周末|週末", "czech": "víkend|víkendu",
    "danish": "weekend|weekenden", "dutch": "weekend", "finnish": "viikonloppu|viikonloppuna|viikonlopun",
    "french": "week-end|weekend", "german": "wochenende", "greek": "σαββατοκύριακο", "hebrew": "סוף השבוע|סופש",
    "hindi": "सप्ताहांत", "hungarian": "hétvége|hétvégén", "indonesian": "akhir pekan",
    "italian": "fine settimana|weekend", "japanese": "週末", "korean": "주말",
    "norwegian": "helg|helgen|helga", "persian": "آخر هفته", "polish": "weekend|weekendu",
    "portuguese": "fim de semana|final de semana", "romanian": "weekend|weekendul|week-end",
    "russian": "выходные|выходных", "spanish": "fin de semana|finde", "swedish": "helg|helgen",
    "thai": "สุดสัปดาห์|วันหยุดสุดสัปดาห์", "turkish": "hafta sonu", "ukrainian": "вихідні|вихідних",
    "vietnamese": "cuối tuần",
}  # fmt: skip

# Forms that CLDR's phrases don't have: "on the last Saturday" has another case or gender than "last week".
MORE_SHIFTS = {
    "arabic": {"last": "الفائت السابق"},
    "catalan": {"last": "darrer darrera últim última"},
    "chinese": {"last": "上 上个 上個 上周 上週 上星期", "this": "这 這 这个 這個 本周 这周", "next": "下 下个 下個 下周 下週"},
    "czech": {"last": "minulou minulého minulém", "next": "příštím", "this": "tuto tuhle"},
    "danish": {"last": "forrige"},
    "dutch": {"last": "afgelopen laatste"},
    "finnish": {"last": "viimeksi edellisenä"},
    "french": {"last": "derniers dernières passé passée"},
    "german": {"last": "letzter letztem vergangene vergangenen vergangenes", "this": "diesem dieser", "next": "nächstem nächster kommenden"},
    "greek": {"last": "περασμένο περασμένη προηγούμενο", "this": "αυτό αυτή"},
    "hebrew": {"last": "שעבר האחרון", "this": "הזה", "next": "הבא"},
    "hungarian": {"last": "múlt", "this": "ezen", "next": "jövő"},
    "indonesian": {"last": "kemarin"},
    "italian": {"last": "passato passata ultimo ultima"},
    "japanese": {"last": "先 先週 先週の 前の この前の", "this": "今 今週 今週の この", "next": "来 来週 来週の 次の"},
    "korean": {"last": "지난 저번 지난주", "this": "이번 이번주", "next": "다음 다음주"},
    "norwegian": {"last": "sist siste"},
    "polish": {"last": "zeszły zeszłą zeszłego ostatni ostatnią ostatniego", "this": "ten tę tego", "next": "przyszły przyszłą"},
    "portuguese": {"last": "último última", "this": "neste nesta"},
    "romanian": {"last": "trecut ultimul ultima"},
    "russian": {"last": "прошлый прошлую прошлое прошлые прошлых", "this": "этот эту эти этих это", "next": "следующий следующую"},
    "spanish": {"last": "último última", "this": "este"},
    "thai": {"last": "ที่แล้ว ที่ผ่านมา ก่อน", "this": "นี้", "next": "หน้า"},
    "turkish": {"this": "bu"},
    "ukrainian": {"last": "минулу минулий минулої минулі минулих", "this": "цю цей ці цих", "next": "наступну наступний"},
}  # fmt: skip
NO_SHIFTS = frozenset(["ant", "den", "que"])  # parts of phrases that mean nothing by themselves
MAX_COUNT = 12
MORE_NUMBERS = {
    "catalan": "dos tres quatre", "chinese": "两 三 四", "czech": "dva tři čtyři", "danish": "to tre fire",
    "dutch": "twee drie vier", "finnish": "kaksi kolme neljä", "hungarian": "két három négy",
    "indonesian": "dua tiga empat", "italian": "due tre quattro", "polish": "dwa trzy cztery",
    "portuguese": "dois três quatro", "romanian": "două trei patru", "russian": "два три четыре",
    "spanish": "dos tres cuatro", "swedish": "två tre fyra", "turkish": "iki üç dört",
}  # fmt: skip # two, three and four


def load_language(folder: Path, code: str) -> dict[str, Any]:
    """Return dateparser's data of a language, whose modules are read without the package."""
    spec = importlib.util.spec_from_file_location(code, folder / f"{code}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.info


def is_telling(form: str, least: int) -> bool:
    """Whether a form is long enough to mean its date: `least` letters, two in scripts of fewer letters a word."""
    letters = sum(char.isalpha() for char in form)
    return letters >= (2 if re.search(r"[\u0590-\u0dff\u3040-\u9fff\uac00-\ud7af]", form) else least)


def numbered_names(info: dict[str, Any], names: list[str], first: int, least: int) -> dict[str, int]:
    """Return {form: number} of months or weekdays."""
    return {
        form.lower(): number
        for number, name in enumerate(names, start=first)
        for form in info[name]
        if is_telling(form, least) and not form.startswith("(")
    }


def relative_words(info: dict[str, Any]) -> dict[str, str]:
    """Return {form: what it is in English}: "gestern": "yesterday", "vor # tagen": "# days ago"."""
    words: dict[str, str] = {}
    for key, forms in info["relative-type"].items():
        match = re.fullmatch(r"(?:(in) )?(\d+) (day|week|month|year)(?: ago)?", key)
        if match is None:
            continue
        ahead, count, unit = match.groups()
        english = NEAR_DAYS.get(key)
        if english is None:
            shift = next((way for shape, way in SHIFTS.items() if shape.format(unit) == key), None)
            english = (
                f"{shift} {unit}" if shift else f"in {count} {unit}s" if ahead else f"{count} {unit}s ago"
            )
        words |= {form.lower(): english for form in forms if is_telling(form, 3)}
    for key, patterns in info["relative-type-regex"].items():
        match = re.fullmatch(r"(in )?\\1 (day|week|month|year)( ago)?", key)
        if match is not None:
            english = f"in # {match[2]}s" if match[1] else f"# {match[2]}s ago"
            forms = [re.sub(r"\(\\d.*?\)", "#", pattern).replace(r"\s*", " ") for pattern in patterns]
            words |= {
                form.lower(): english
                for form in forms
                if not re.search(r"[\\()+?\u2013]|# ?\w$", form) or re.fullmatch(r"#[^\x00-\x7f]\w+", form)
            }
    return words


def shift_words(info: dict[str, Any], language: str) -> dict[str, str]:
    """Return {word: last, this or next}: what is left of "letzte woche" without the word for the week."""
    words: dict[str, str] = {}
    units = {form.lower() for unit in UNITS for form in info.get(unit) or ()}
    for unit in ("week", "month", "year"):
        for shape, way in SHIFTS.items():
            for form in info["relative-type"].get(shape.format(unit), ()):
                left = [word for word in re.split(r"[\s'\u2019]+", form.lower()) if word not in units]
                word = max(left, key=len, default="")
                if len(left) < len(form.split()) + form.count("'") and is_telling(word, 3):
                    words.setdefault(word, way)
    for way, more in MORE_SHIFTS.get(language, {}).items():
        words |= dict.fromkeys(more.split(), way)
    return {word: way for word, way in words.items() if word not in NO_SHIFTS}


def number_words(info: dict[str, Any], language: str) -> dict[str, int]:
    """Return {word: number} of the small numbers that dateparser reads."""
    rules = [rule for one in info.get("simplifications") or () for rule in one.items()]
    words = {
        word: int(value)
        for word, value in rules
        if re.fullmatch(r"[^\W\d_]{2,}", word) and value.isdigit() and int(value) <= MAX_COUNT
    }
    return words | {
        word: number for number, word in enumerate(MORE_NUMBERS.get(language, "").split(), start=2)
    }


def main() -> None:
    """Write the JSON to the standard output."""
    folder = Path(sys.argv[1])
    languages: dict[str, Any] = {}
    for language, code in LANGUAGES.items():
        info = load_language(folder, code)
        languages[language] = {
            "months": numbered_names(info, MONTHS, 1, 3),
            "weekdays": numbered_names(info, WEEKDAYS, 0, 4),
            "relative": relative_words(info),
            "shifts": shift_words(info, language),
            "numbers": number_words(info, language),
            "weekend": WEEKENDS[language].split("|"),
        }
    json.dump(languages, sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
