"""Names of countries in Spanish, which the codelist of the standard does not have.

Most follow Unicode's list, as Babel has it. Where the United Nations write a name otherwise, theirs stands here.
"""

from functools import cache

from babel import Locale

_OF_THE_UNITED_NATIONS = {
    "BH": "Bahrein", "BJ": "Benin", "BN": "Brunei Darussalam", "BO": "Bolivia (Estado Plurinacional de)",
    "BW": "Botswana", "CD": "República Democrática del Congo", "CG": "Congo", "CI": "Côte d’Ivoire",
    "DJ": "Djibouti", "FJ": "Fiji", "FK": "Islas Malvinas (Falkland)", "FM": "Micronesia (Estados Federados de)",
    "GB": "Reino Unido de Gran Bretaña e Irlanda del Norte", "HK": "China, Región Administrativa Especial de Hong Kong",
    "IQ": "Iraq", "IR": "Irán (República Islámica del)", "KE": "Kenya", "KP": "República Popular Democrática de Corea",
    "KR": "República de Corea", "LA": "República Democrática Popular Lao", "LS": "Lesotho",
    "MD": "República de Moldova", "MO": "China, Región Administrativa Especial de Macao", "MW": "Malawi",
    "PS": "Estado de Palestina", "RU": "Federación de Rusia", "RW": "Rwanda", "SY": "República Árabe Siria",
    "SZ": "Eswatini", "TL": "Timor-Leste", "TR": "Türkiye", "TW": "Taiwán (Provincia de China)",
    "TZ": "República Unida de Tanzanía", "US": "Estados Unidos de América", "VA": "Santa Sede",
    "VE": "Venezuela (República Bolivariana de)", "VN": "Viet Nam", "ZW": "Zimbabwe",
}  # fmt: skip


@cache
def spanish() -> dict[str, str]:
    """Code → name of every country that is known."""
    return {**Locale("es").territories, **_OF_THE_UNITED_NATIONS}
