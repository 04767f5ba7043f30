"""Names of countries in French and Spanish, which the codelist of the standard does not have.

Most follow Unicode's list, as Babel has it. Where the United Nations write a name otherwise, theirs stands here.
"""

from collections.abc import Mapping
from functools import cache

from babel import Locale

_SPANISH = {
    "BH": "Bahrein", "BJ": "Benin", "BN": "Brunei Darussalam", "BO": "Bolivia (Estado Plurinacional de)",
    "BW": "Botswana", "BY": "Belarús", "CD": "República Democrática del Congo", "CG": "Congo", "CI": "Côte d’Ivoire",
    "DJ": "Djibouti", "FJ": "Fiji", "FK": "Islas Malvinas (Falkland)", "FM": "Micronesia (Estados Federados de)",
    "GB": "Reino Unido de Gran Bretaña e Irlanda del Norte", "HK": "China, Región Administrativa Especial de Hong Kong",
    "IQ": "Iraq", "IR": "Irán (República Islámica del)", "KE": "Kenya", "KP": "República Popular Democrática de Corea",
    "KR": "República de Corea", "LA": "República Democrática Popular Lao", "LS": "Lesotho",
    "MD": "República de Moldova", "MM": "Myanmar", "MO": "China, Región Administrativa Especial de Macao",
    "MW": "Malawi",
    "PS": "Estado de Palestina", "RU": "Federación de Rusia", "RW": "Rwanda", "SY": "República Árabe Siria",
    "SZ": "Eswatini", "TL": "Timor-Leste", "TR": "Türkiye", "TW": "Taiwán (Provincia de China)",
    "TZ": "República Unida de Tanzanía", "US": "Estados Unidos de América", "VA": "Santa Sede",
    "VE": "Venezuela (República Bolivariana de)", "VN": "Viet Nam", "ZW": "Zimbabwe",
}  # fmt: skip


_FRENCH = {
    "BN": "Brunéi Darussalam", "BO": "Bolivie (État plurinational de)", "BY": "Bélarus",
    "CD": "République démocratique du Congo", "CG": "Congo", "CI": "Côte d’Ivoire", "CV": "Cabo Verde",
    "FK": "Îles Falkland (Malvinas)", "FM": "Micronésie (États fédérés de)",
    "GB": "Royaume-Uni de Grande-Bretagne et d’Irlande du Nord",
    "HK": "Chine, région administrative spéciale de Hong Kong", "IR": "Iran (République islamique d’)",
    "KP": "République populaire démocratique de Corée", "KR": "République de Corée",
    "LA": "République démocratique populaire lao", "MD": "République de Moldova", "MM": "Myanmar",
    "MO": "Chine, région administrative spéciale de Macao", "PS": "État de Palestine", "RU": "Fédération de Russie",
    "SY": "République arabe syrienne", "SZ": "Eswatini", "TL": "Timor-Leste", "TR": "Türkiye",
    "TW": "Taïwan (Province de Chine)", "TZ": "République-Unie de Tanzanie", "US": "États-Unis d’Amérique",
    "VA": "Saint-Siège", "VE": "Venezuela (République bolivarienne du)", "VN": "Viet Nam",
}  # fmt: skip
#: what else countries are called in English, and were called: name → code
ALSO_CALLED: Mapping[str, str] = {
    "Bosnia": "BA", "Britain": "GB", "Great Britain": "GB", "England": "GB", "Brunei": "BN", "Burma": "MM",
    "Cape Verde": "CV", "Congo-Brazzaville": "CG", "Congo-Kinshasa": "CD", "DR Congo": "CD", "DRC": "CD", "RDC": "CD",
    "Congo, Democratic Republic": "CD", "Czech Republic": "CZ", "East Timor": "TL", "Fiji Islands": "FJ",
    "Holland": "NL", "Ivory Coast": "CI", "Kirghizia": "KG", "Kyrgyz Republic": "KG", "Lao PDR": "LA",
    "Macedonia": "MK", "FYROM": "MK", "Occupied Palestinian Territory": "PS", "Palestine": "PS",
    "State of Palestine": "PS",
    "West Bank and Gaza": "PS", "Republic of Korea": "KR", "ROK": "KR", "DPRK": "KP", "Russia": "RU",
    "Sao Tome": "ST", "Slovak Republic": "SK", "Swaziland": "SZ", "Turkey": "TR", "UAE": "AE", "Emirates": "AE",
    "U.S.": "US", "U.S.A.": "US", "United States": "US", "Upper Volta": "BF", "Vatican": "VA", "Zaire": "CD",
}  # fmt: skip
_OF_THE_UNITED_NATIONS: Mapping[str, Mapping[str, str]] = {"fr": _FRENCH, "es": _SPANISH}


@cache
def countries_in(language: str) -> Mapping[str, str]:
    """Code → name of every country that is known; empty for English, in which the codelist has them."""
    if language not in _OF_THE_UNITED_NATIONS:
        return {}
    return {**Locale(language).territories, **_OF_THE_UNITED_NATIONS[language]}
