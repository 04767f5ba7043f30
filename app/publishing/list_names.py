"""Names of codes that the codelists of the standard have in English alone: of short lists that people meet often."""

from collections.abc import Mapping
from functools import cache

from babel import Locale

from app.publishing.country_names import countries_in
from app.publishing.money_names import MONEY
from app.publishing.sector_names import sectors_in

_OWN: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("TransactionType", "es"): {
        "1": "Fondos recibidos", "2": "Compromiso saliente", "3": "Desembolso", "4": "Gasto", "5": "Pago de intereses",
        "6": "Reembolso de préstamo", "7": "Reembolso", "8": "Compra de acciones", "9": "Venta de acciones",
        "10": "Garantía de crédito", "11": "Compromiso entrante", "12": "Promesa saliente", "13": "Promesa entrante",
    },
    ("ActivityStatus", "es"): {
        "1": "En preparación", "2": "En ejecución", "3": "En finalización", "4": "Cerrada", "5": "Cancelada",
        "6": "Suspendida",
    },
    ("OrganisationRole", "es"): {"1": "Financiación", "2": "Responsabilidad", "3": "Canalización", "4": "Ejecución"},
    ("ActivityScope", "es"): {
        "1": "Mundial", "2": "Regional", "3": "Multinacional", "4": "Nacional",
        "5": "Subnacional: varias regiones de primer nivel", "6": "Subnacional: una región de primer nivel",
        "7": "Subnacional: una región de segundo nivel", "8": "Un solo lugar",
    },
    ("EarmarkingCategory", "fr"): {
        "1": "Non affecté", "2": "Légèrement affecté", "3": "Affecté", "4": "Strictement affecté",
    },
    ("EarmarkingCategory", "es"): {
        "1": "Sin asignar a fines", "2": "Ligeramente asignado a fines", "3": "Asignado a fines",
        "4": "Estrictamente asignado a fines",
    },
    ("EarmarkingModality", "es"): {
        "A": "Financiación básica sin condición alguna",
        "B": "Financiación básica del Fondo Central para la Acción en Casos de Emergencia",
        "C": "Financiación básica: contribución prorrateada u ordinaria",
        "D": "Financiación básica dentro de los límites fijados por el donante",
        "E": "Para una región o un objetivo estratégico", "F": "Para un fondo común de un país",
        "G": "Para la labor de la organización en un país", "H": "Para una parte o una meta de un objetivo",
        "I": "Para un proyecto", "J": "Para un lugar y un tema, con fondos vinculados",
        "K": "Para un lugar y un tema, en especie", "L": "Proyecto iniciado o dirigido por el donante",
    },
    ("PolicySignificance", "fr"): {
        "0": "non visé", "1": "objectif significatif", "2": "objectif principal",
        "3": "objectif principal ET appui à un programme d’action", "4": "objectif premier explicite",
    },
    ("PolicySignificance", "es"): {
        "0": "no contemplado", "1": "objetivo significativo", "2": "objetivo principal",
        "3": "objetivo principal Y apoyo a un programa de acción", "4": "objetivo primordial explícito",
    },
    ("DocumentCategory", "es"): {
        "A01": "Valoración del impacto antes y después del proyecto", "A02": "Objetivos o finalidad de la actividad",
        "A03": "Beneficiarios finales previstos", "A04": "Condiciones", "A05": "Presupuesto",
        "A06": "Información resumida sobre el contrato", "A07": "Examen del desempeño y evaluación del proyecto",
        "A08": "Resultados, efectos y productos",
        "A09": "Memorando de entendimiento (si todas las partes lo acuerdan)", "A10": "Licitación", "A11": "Contrato",
        "A12": "Página web de la actividad", "B01": "Informe anual", "B02": "Estrategia institucional",
        "B03": "Estrategia para el país", "B04": "Política de asignación de la ayuda",
        "B05": "Política y procedimiento de adquisiciones", "B06": "Informe de auditoría de la institución",
        "B07": "Informe de auditoría de un país", "B08": "Política de exclusiones",
        "B09": "Informe de evaluación de la institución", "B10": "Informe de evaluación de un país",
        "B11": "Estrategia sectorial", "B12": "Estrategia temática",
        "B13": "Memorando de entendimiento con un país", "B14": "Política de evaluación",
        "B15": "Condiciones generales", "B16": "Página web de la organización",
        "B17": "Página web de un país o una región", "B18": "Página web de un sector",
    },
    ("OrganisationType", "fr"): {
        "11": "Administration locale", "24": "ONG établie dans le pays partenaire",
        "71": "Secteur privé du pays fournisseur", "72": "Secteur privé du pays bénéficiaire",
        "73": "Secteur privé d’un pays tiers",
    },
    ("OrganisationType", "es"): {
        "10": "Gobierno", "11": "Administración local", "15": "Otro sector público", "21": "ONG internacional",
        "22": "ONG nacional", "23": "ONG regional", "24": "ONG del país asociado", "30": "Alianza público-privada",
        "40": "Organismo multilateral", "60": "Fundación", "70": "Sector privado",
        "71": "Sector privado del país proveedor", "72": "Sector privado del país receptor",
        "73": "Sector privado de un tercer país", "80": "Entidad académica, de formación o de investigación",
        "90": "Otra",
    },
    ("Region", "es"): {
        "88": "Estados de la ex-Yugoslavia, sin especificar", "89": "Europa, regional",
        "189": "Norte del Sáhara, regional", "289": "Sur del Sáhara, regional", "298": "África, regional",
        "380": "Indias Occidentales, regional", "389": "Caribe y América Central, regional",
        "489": "América del Sur, regional", "498": "América, regional", "589": "Oriente Medio, regional",
        "619": "Asia Central, regional", "679": "Asia Meridional, regional",
        "689": "Asia Meridional y Central, regional", "789": "Asia Oriental, regional", "798": "Asia, regional",
        "889": "Oceanía, regional", "998": "Países en desarrollo, sin especificar",
        "1027": "África Oriental, regional", "1028": "África Central, regional", "1029": "África Meridional, regional",
        "1030": "África Occidental, regional", "1031": "Caribe, regional", "1032": "América Central, regional",
        "1033": "Melanesia, regional", "1034": "Micronesia, regional", "1035": "Polinesia, regional",
    },
    ("RegionVocabulary", "es"): {"1": "CAD de la OCDE", "2": "Naciones Unidas", "99": "Organización informante"},
    ("SectorVocabulary", "fr"): {
        "11": "Système de classification des industries de l’Amérique du Nord (SCIAN)",
        "12": "Fonction du système des Nations Unies",
    },
    ("SectorVocabulary", "es"): {
        "1": "Códigos de propósito del CAD de la OCDE (5 cifras)",
        "2": "Códigos de propósito del CAD de la OCDE (3 cifras)",
        "3": "Clasificación de las funciones de gobierno (Naciones Unidas)",
        "4": "Nomenclatura estadística de actividades económicas de la Comunidad Europea",
        "5": "Taxonomía nacional de entidades exentas (Estados Unidos)", "7": "Objetivo de desarrollo sostenible",
        "8": "Meta de los objetivos de desarrollo sostenible",
        "9": "Indicador de los objetivos de desarrollo sostenible",
        "10": "Grupos temáticos humanitarios mundiales (Comité Permanente entre Organismos)",
        "11": "Sistema de Clasificación Industrial de América del Norte (SCIAN)",
        "12": "Función del sistema de las Naciones Unidas", "98": "Organización informante 2",
        "99": "Organización informante",
    },
    ("Sector", "fr"): {
        "15120": "Gestion financière du secteur public", "15135": "Médiateur", "15137": "Prisons",
        "15140": "Administration publique", "15161": "Élections", "15162": "Droits humains",
        "15163": "Libre circulation de l’information",
        "15164": "Organisations et institutions œuvrant pour l’égalité des femmes",
        "23010": "Politique de l’énergie et gestion administrative",
        "23020": "Production d’énergie, sources non renouvelables",
        "23030": "Production d’énergie, sources renouvelables",
        "23040": "Transport et distribution d’électricité", "23050": "Distribution de gaz",
        "23061": "Centrales au fioul", "23062": "Centrales au gaz", "23063": "Centrales au charbon",
        "23064": "Centrales nucléaires", "23065": "Centrales hydroélectriques", "23066": "Énergie géothermique",
        "23067": "Énergie solaire", "23068": "Énergie éolienne", "23069": "Énergie marine", "23070": "Biomasse",
        "23081": "Éducation et formation dans le domaine de l’énergie",
        "23082": "Recherche dans le domaine de l’énergie",
        "25030": "Services d’appui au développement des entreprises", "32161": "Agro-industries",
        "92010": "Appui aux ONG nationales", "92020": "Appui aux ONG internationales",
        "92030": "Appui aux ONG locales et régionales",
    },
    ("SectorCategory", "fr"): {
        "230": "Production et distribution d’énergie", "920": "Appui aux organisations non gouvernementales (ONG)",
    },
    ("ContactType", "es"): {
        "1": "Consultas generales", "2": "Gestión del proyecto", "3": "Gestión financiera", "4": "Comunicaciones",
    },
    ("RelatedActivityType", "es"): {
        "1": "Superior", "2": "Subordinada", "3": "Del mismo nivel", "4": "Cofinanciada", "5": "De terceros",
    },
    ("PolicyMarker", "fr"): {
        "10": "Réduction des risques de catastrophe", "11": "Handicap", "12": "Nutrition",
    },
    ("PolicyMarker", "es"): {
        "1": "Igualdad de género", "2": "Ayuda al medio ambiente", "3": "Desarrollo participativo y buena gobernanza",
        "4": "Desarrollo del comercio", "5": "Objetivos del Convenio sobre la Diversidad Biológica",
        "6": "Objetivos de la Convención sobre el Cambio Climático: mitigación",
        "7": "Objetivos de la Convención sobre el Cambio Climático: adaptación",
        "8": "Objetivos de la Convención de Lucha contra la Desertificación",
        "9": "Salud reproductiva, materna, neonatal e infantil", "10": "Reducción del riesgo de desastres",
        "11": "Discapacidad", "12": "Nutrición",
    },
    ("UNSDG-Goals", "es"): {
        "1": "Objetivo 1. Poner fin a la pobreza en todas sus formas y en todo el mundo",
        "2": "Objetivo 2. Poner fin al hambre, lograr la seguridad alimentaria y la mejora de la nutrición y promover "
        "la agricultura sostenible",
        "3": "Objetivo 3. Garantizar una vida sana y promover el bienestar de todos a todas las edades",
        "4": "Objetivo 4. Garantizar una educación inclusiva y equitativa de calidad y promover oportunidades de "
        "aprendizaje permanente para todos",
        "5": "Objetivo 5. Lograr la igualdad de género y empoderar a todas las mujeres y las niñas",
        "6": "Objetivo 6. Garantizar la disponibilidad y la gestión sostenible del agua y el saneamiento para todos",
        "7": "Objetivo 7. Garantizar el acceso a una energía asequible, fiable, sostenible y moderna para todos",
        "8": "Objetivo 8. Promover el crecimiento económico sostenido, inclusivo y sostenible, el empleo pleno y "
        "productivo y el trabajo decente para todos",
        "9": "Objetivo 9. Construir infraestructuras resilientes, promover la industrialización inclusiva y sostenible "
        "y fomentar la innovación",
        "10": "Objetivo 10. Reducir la desigualdad en los países y entre ellos",
        "11": "Objetivo 11. Lograr que las ciudades y los asentamientos humanos sean inclusivos, seguros, resilientes "
        "y sostenibles",
        "12": "Objetivo 12. Garantizar modalidades de consumo y producción sostenibles",
        "13": "Objetivo 13. Adoptar medidas urgentes para combatir el cambio climático y sus efectos",
        "14": "Objetivo 14. Conservar y utilizar sosteniblemente los océanos, los mares y los recursos marinos",
        "15": "Objetivo 15. Proteger, restablecer y promover el uso sostenible de los ecosistemas terrestres",
        "16": "Objetivo 16. Promover sociedades pacíficas e inclusivas, facilitar el acceso a la justicia para todos y "
        "construir instituciones eficaces",
        "17": "Objetivo 17. Fortalecer los medios de implementación y revitalizar la Alianza Mundial para el "
        "Desarrollo Sostenible",
    },
}  # fmt: skip


def own_names(name: str, language: str) -> Mapping[str, str]:
    """Code → name of a list, as far as it is named here."""
    if name == "Country":
        return countries_in(language)
    if name == "Language":
        return _languages_in(language)
    here = name, language
    return sectors_in(name, language) or MONEY.get(here) or _OWN.get(here, {})


@cache
def _languages_in(language: str) -> Mapping[str, str]:
    """Code → name of a language; empty in English, in which the list has them."""
    if language == "en":
        return {}
    return {code: name[:1].upper() + name[1:] for code, name in Locale(language).languages.items()}
