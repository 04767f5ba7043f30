"""Names of codes that the codelists of the standard have in English alone: of short lists that people meet often."""

from collections.abc import Mapping

from app.publishing.country_names import countries_in
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
    return sectors_in(name, language) or _OWN.get((name, language), {})
