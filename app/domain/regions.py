"""Which region of the world a country lies in, and what the regions of the standard's own list belong to.

The five regions are those by which the field's offices and results are told; they are not the continents: Arab States
are a region of their own, and Central Asia goes with Europe.
"""

import re
from collections.abc import Mapping

#: money of several regions or of none
INTERREGIONAL = "interregional"
AFRICA, AMERICAS, ARAB_STATES = "africa", "americas", "arab_states"
ASIA_PACIFIC, EUROPE_CENTRAL_ASIA = "asia_pacific", "europe_central_asia"
REGIONS = (AFRICA, AMERICAS, ARAB_STATES, ASIA_PACIFIC, EUROPE_CENTRAL_ASIA)

_COUNTRIES: Mapping[str, str] = {
    AFRICA: (
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ "
        "NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW"
    ),
    AMERICAS: (
        "AG AI AN AR AW BB BL BM BO BQ BR BS BV BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GS GT GY HN HT JM KN KY "
        "LC MF MQ MS MX NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI"
    ),
    ARAB_STATES: "AE BH IQ JO KW LB OM PS QA SA SY YE",
    ASIA_PACIFIC: (
        "AF AS AU BD BN BT CC CK CN CX FJ FM GU HK HM ID IN IR JP KH KI KP KR LA LK MH MM MN MO MP MV MY NC NF NP NR "
        "NU NZ PF PG PH PK PN PW SB SG TH TK TL TO TV TW UM VN VU WF WS"
    ),
    EUROPE_CENTRAL_ASIA: (
        "AD AL AM AT AX AZ BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GE GG GI GR HR HU IE IL IM IS IT JE KG KZ LI "
        "LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM TJ TM TR UA UZ VA XK"
    ),
}
#: codes of the standard's list of regions
_REGIONS: Mapping[str, str] = {
    AFRICA: "189 289 298 1027 1028 1029 1030",
    AMERICAS: "380 389 489 498 1031 1032",
    ARAB_STATES: "589",
    ASIA_PACIFIC: "679 689 789 798 889 1033 1034 1035",
    EUROPE_CENTRAL_ASIA: "88 89 619",
}
_HOMES: Mapping[str, str] = {
    code: region for listed in (_COUNTRIES, _REGIONS) for region, codes in listed.items() for code in codes.split()
}


def region_of(place: str | None) -> str:
    """The region of a country or of a region of the standard's list; interregional where it is of none."""
    return INTERREGIONAL if place is None else _HOMES.get(place, INTERREGIONAL)


def region_called(name: str) -> str:
    """The code of one of the regions as people write its name, such as Asia and the Pacific; another name as it is."""
    words = (word for word in re.findall(r"[^\W_]+", name.casefold()) if word not in ("and", "the"))
    code = "_".join(words)
    return code if code in REGIONS else name


def country_of(place: str | None) -> str | None:
    """The place, if it is a country: regions have numbers."""
    return None if place is None or place.isdecimal() else place
