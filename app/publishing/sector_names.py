"""Names of the sectors of the OECD's Development Assistance Committee in Spanish, which its lists give in English and
French alone: the words that Spanish-speaking agencies use of these codes.
"""

from collections.abc import Mapping
from functools import cache

_CATEGORIES = """
111 Educación, nivel no especificado
112 Educación básica
113 Educación secundaria
114 Educación postsecundaria
121 Salud, general
122 Salud básica
123 Enfermedades no transmisibles (ENT)
130 Programas y políticas sobre población y salud reproductiva
140 Abastecimiento de agua y saneamiento
151 Gobierno y sociedad civil, general
152 Conflictos, paz y seguridad
160 Otros servicios e infraestructuras sociales
210 Transporte y almacenamiento
220 Comunicaciones
230 Generación y suministro de energía
231 Política energética
232 Generación de energía, fuentes renovables
233 Generación de energía, fuentes no renovables
234 Centrales de energía híbridas
235 Centrales de energía nuclear
236 Distribución de energía
240 Servicios bancarios y financieros
250 Empresas y otros servicios
311 Agricultura
312 Silvicultura
313 Pesca
321 Industria
322 Recursos minerales y minería
323 Construcción
331 Política y regulación comercial
332 Turismo
410 Protección general del medio ambiente
430 Otras actividades multisectoriales
510 Apoyo presupuestario general
520 Asistencia alimentaria para el desarrollo
530 Otras ayudas en forma de suministro de bienes
600 Actividades relacionadas con la deuda
720 Respuesta a emergencias
730 Ayuda a la reconstrucción y rehabilitación
740 Prevención de desastres y preparación ante ellos
910 Costos administrativos de los donantes
920 Apoyo a organizaciones no gubernamentales (ONG)
930 Refugiados en países donantes
998 Sin asignar / no especificado
"""

_PURPOSES = """
11110 Política educativa y gestión administrativa
11120 Servicios e instalaciones educativos y formación
11130 Formación de docentes
11182 Investigación educativa
11220 Educación primaria
11230 Competencias básicas para la vida de personas adultas
11231 Competencias básicas para la vida de jóvenes
11232 Educación primaria equivalente para personas adultas
11240 Educación de la primera infancia
11250 Alimentación escolar
11260 Primer ciclo de educación secundaria
11320 Segundo ciclo de educación secundaria (modificado; incluye datos de 11322)
11321 Primer ciclo de educación secundaria
11322 Segundo ciclo de educación secundaria
11330 Formación profesional
11420 Educación superior
11430 Formación técnica y directiva superior
12110 Política sanitaria y gestión administrativa
12181 Educación y formación médicas
12182 Investigación médica
12191 Servicios médicos
12196 Estadísticas y datos de salud
12220 Atención básica de salud
12230 Infraestructura básica de salud
12240 Nutrición básica
12250 Control de enfermedades infecciosas
12261 Educación sanitaria
12262 Control de la malaria
12263 Control de la tuberculosis
12264 Control de la COVID-19
12281 Formación de personal de salud
12310 Control de las ENT, general
12320 Control del consumo de tabaco
12330 Control del consumo nocivo de alcohol y drogas
12340 Promoción de la salud mental y el bienestar
12350 Otras actividades de prevención y tratamiento de las ENT
12382 Investigación para la prevención y el control de las ENT
13010 Política de población y gestión administrativa
13020 Atención de salud reproductiva
13030 Planificación familiar
13040 Control de las infecciones de transmisión sexual, incluido el VIH/sida
13081 Formación de personal en población y salud reproductiva
13096 Estadísticas y datos de población
14010 Política de recursos hídricos y gestión administrativa
14015 Conservación de recursos hídricos (incluida la recopilación de datos)
14020 Abastecimiento de agua y saneamiento: grandes sistemas
14021 Abastecimiento de agua: grandes sistemas
14022 Saneamiento: grandes sistemas
14030 Abastecimiento básico de agua potable y saneamiento básico
14031 Abastecimiento básico de agua potable
14032 Saneamiento básico
14040 Desarrollo de cuencas fluviales
14050 Gestión y eliminación de residuos
14081 Educación y formación en abastecimiento de agua y saneamiento
15110 Política y gestión administrativa del sector público
15111 Gestión de las finanzas públicas
15112 Descentralización y apoyo a los gobiernos subnacionales
15113 Organizaciones e instituciones contra la corrupción
15114 Movilización de recursos internos
15116 Recaudación de impuestos
15117 Planificación presupuestaria
15118 Auditoría nacional
15119 Gestión de la deuda y de la ayuda
15120 Gestión financiera del sector público
15121 Asuntos exteriores
15122 Misiones diplomáticas
15123 Administración de la ayuda exterior de los países en desarrollo
15124 Servicios generales de personal
15125 Contratación pública
15126 Otros servicios públicos generales
15127 Seguimiento y evaluación nacionales
15128 Finanzas de los gobiernos locales
15129 Otras transferencias de la administración central a instituciones
15130 Desarrollo legal y judicial
15131 Política, planificación y administración de la justicia y el orden público
15132 Policía
15133 Servicios de bomberos y de rescate
15134 Asuntos judiciales
15135 Defensoría del Pueblo
15136 Inmigración
15137 Prisiones
15140 Administración del Estado
15142 Política macroeconómica
15143 Servicios meteorológicos
15144 Elaboración de normas nacionales
15150 Participación democrática y sociedad civil
15151 Elecciones
15152 Órganos legislativos y partidos políticos
15153 Medios de comunicación y libre circulación de la información
15154 Oficina del jefe del ejecutivo
15155 Apoyo a la política y la administración tributarias
15156 Otra movilización de ingresos no tributarios
15160 Derechos humanos
15161 Elecciones
15162 Derechos humanos
15163 Libre circulación de la información
15164 Organizaciones e instituciones en favor de la igualdad de las mujeres
15170 Organizaciones, movimientos e instituciones públicas en favor de los derechos de las mujeres
15180 Erradicación de la violencia contra las mujeres y las niñas
15185 Administración de los gobiernos locales
15190 Facilitación de la migración y la movilidad ordenadas, seguras, regulares y responsables
15196 Estadísticas y datos del gobierno y la sociedad civil
15210 Gestión y reforma de los sistemas de seguridad
15220 Construcción civil de la paz, prevención y solución de conflictos
15230 Participación en operaciones internacionales de mantenimiento de la paz
15240 Reintegración y control de las armas pequeñas y ligeras
15250 Retirada de minas terrestres y restos explosivos de guerra
15261 Niños y niñas soldados (prevención y desmovilización)
16010 Protección social
16011 Política, planificación y administración de la protección social y los servicios de bienestar
16012 Seguridad social (excepto pensiones)
16013 Pensiones generales
16014 Pensiones de la función pública
16015 Servicios sociales (incluidos los de juventud, mujeres e infancia)
16020 Creación de empleo
16030 Política de vivienda y gestión administrativa
16040 Vivienda de bajo costo
16050 Ayuda multisectorial para servicios sociales básicos
16061 Cultura y recreación
16062 Fortalecimiento de la capacidad estadística
16063 Lucha contra los estupefacientes
16064 Mitigación social del VIH/sida
16065 Recreación y deporte
16066 Cultura
16070 Derechos laborales
16080 Diálogo social
21010 Política de transporte y gestión administrativa
21011 Política, planificación y administración del transporte
21012 Servicios de transporte público
21013 Regulación del transporte
21020 Transporte por carretera
21021 Construcción de carreteras secundarias
21022 Mantenimiento de carreteras secundarias
21023 Construcción de carreteras nacionales
21024 Mantenimiento de carreteras nacionales
21030 Transporte ferroviario
21040 Transporte por vías navegables
21050 Transporte aéreo
21061 Almacenamiento
21081 Educación y formación en transporte y almacenamiento
22010 Política de comunicaciones y gestión administrativa
22011 Política, planificación y administración de las comunicaciones
22012 Servicios postales
22013 Servicios de información
22020 Telecomunicaciones
22030 Radio, televisión y prensa
22040 Tecnologías de la información y las comunicaciones (TIC)
23010 Política energética y gestión administrativa
23020 Producción de energía, fuentes no renovables
23030 Producción de energía, fuentes renovables
23040 Transmisión y distribución de electricidad
23050 Distribución de gas
23061 Centrales eléctricas de petróleo
23062 Centrales eléctricas de gas
23063 Centrales eléctricas de carbón
23064 Centrales nucleares
23065 Centrales hidroeléctricas
23066 Energía geotérmica
23067 Energía solar
23068 Energía eólica
23069 Energía oceánica
23070 Biomasa
23081 Educación y formación en energía
23082 Investigación en energía
23110 Política energética y gestión administrativa
23111 Política, planificación y administración del sector de la energía
23112 Regulación de la energía
23181 Educación y formación en energía
23182 Investigación en energía
23183 Ahorro de energía y eficiencia de la demanda
23210 Generación de energía, fuentes renovables: varias tecnologías
23220 Centrales hidroeléctricas
23230 Energía solar para redes centralizadas
23231 Energía solar para redes aisladas y sistemas autónomos
23232 Energía solar: aplicaciones térmicas
23240 Energía eólica
23250 Energía marina
23260 Energía geotérmica
23270 Centrales de biocombustibles
23310 Generación de energía, fuentes no renovables, sin especificar
23320 Centrales eléctricas de carbón
23330 Centrales eléctricas de petróleo
23340 Centrales eléctricas de gas natural
23350 Centrales eléctricas de combustibles fósiles con captura y almacenamiento de carbono
23360 Centrales eléctricas de residuos no renovables
23410 Centrales eléctricas de energía híbrida
23510 Centrales nucleares y seguridad nuclear
23610 Centrales térmicas para calefacción
23620 Calefacción y refrigeración urbanas
23630 Transmisión y distribución de electricidad (redes centralizadas)
23631 Transmisión y distribución de electricidad (minirredes aisladas)
23640 Distribución minorista de gas
23641 Distribución minorista de combustibles fósiles líquidos o sólidos
23642 Infraestructura de movilidad eléctrica
24010 Política financiera y gestión administrativa
24020 Instituciones monetarias
24030 Intermediarios financieros del sector formal
24040 Intermediarios financieros informales y semiformales
24050 Facilitación, promoción y optimización de las remesas
24081 Educación y formación en banca y servicios financieros
25010 Política empresarial y administración
25020 Privatización
25030 Servicios de desarrollo empresarial
25040 Conducta empresarial responsable
31110 Política agraria y gestión administrativa
31120 Desarrollo agrario
31130 Tierras agrícolas
31140 Recursos hídricos para uso agrícola
31150 Insumos agrícolas
31161 Producción de cultivos alimentarios
31162 Cultivos industriales y de exportación
31163 Ganadería
31164 Reforma agraria
31165 Desarrollo agrario alternativo
31166 Extensión agraria
31181 Educación y formación agrarias
31182 Investigación agraria
31191 Servicios agrícolas
31192 Protección de plantas y cosechas y control de plagas
31193 Servicios financieros agrícolas
31194 Cooperativas agrícolas
31195 Servicios ganaderos y veterinarios
31210 Política forestal y gestión administrativa
31220 Desarrollo forestal
31261 Leña y carbón vegetal
31281 Educación y formación forestales
31282 Investigación forestal
31291 Servicios forestales
31310 Política pesquera y gestión administrativa
31320 Desarrollo pesquero
31381 Educación y formación pesqueras
31382 Investigación pesquera
31391 Servicios pesqueros
32110 Política industrial y gestión administrativa
32120 Desarrollo industrial
32130 Desarrollo de las pequeñas y medianas empresas (pymes)
32140 Industrias caseras y artesanía
32161 Agroindustrias
32162 Industrias forestales
32163 Textiles, cuero y sucedáneos
32164 Productos químicos
32165 Fábricas de fertilizantes
32166 Cemento, cal y yeso
32167 Fabricación de productos energéticos (combustibles fósiles)
32168 Producción farmacéutica
32169 Industria metalúrgica básica
32170 Industrias de metales no ferrosos
32171 Ingeniería
32172 Industria de equipo de transporte
32173 Fabricación de biocombustibles modernos
32174 Fabricación de aparatos de cocina no contaminantes
32182 Investigación y desarrollo tecnológicos
32210 Política minera y gestión administrativa
32220 Prospección y exploración mineras
32261 Carbón
32262 Petróleo y gas (exploración y producción)
32263 Metales ferrosos
32264 Metales no ferrosos
32265 Metales y materiales preciosos
32266 Minerales industriales
32267 Minerales para fertilizantes
32268 Minerales del fondo marino
32310 Política de construcción y gestión administrativa
33110 Política comercial y gestión administrativa
33120 Facilitación del comercio
33130 Acuerdos comerciales regionales
33140 Negociaciones comerciales multilaterales
33150 Ajuste relacionado con el comercio
33181 Educación y formación comerciales
33210 Política turística y gestión administrativa
41010 Política medioambiental y gestión administrativa
41020 Protección de la biosfera
41030 Biodiversidad
41040 Conservación de sitios
41050 Prevención y control de inundaciones
41081 Educación y formación medioambientales
41082 Investigación medioambiental
43010 Ayuda multisectorial
43030 Desarrollo y gestión urbanos
43031 Política y gestión del suelo urbano
43032 Desarrollo urbano
43040 Desarrollo rural
43041 Política y gestión de las tierras rurales
43042 Desarrollo rural
43050 Desarrollo alternativo no agrario
43060 Reducción del riesgo de desastres
43071 Política de seguridad alimentaria y gestión administrativa
43072 Programas de seguridad alimentaria de los hogares
43073 Inocuidad y calidad de los alimentos
43081 Educación y formación multisectoriales
43082 Instituciones científicas y de investigación
51010 Ayuda relacionada con el apoyo presupuestario general
52010 Asistencia alimentaria
53030 Apoyo a la importación (bienes de capital)
53040 Apoyo a la importación (productos)
60010 Actividades relacionadas con la deuda
60020 Condonación de la deuda
60030 Alivio de la deuda multilateral
60040 Reprogramación y refinanciación
60061 Canje de deuda por desarrollo
60062 Otros canjes de deuda
60063 Recompra de deuda
72010 Ayuda material y servicios de emergencia
72011 Servicios básicos de salud en emergencias
72012 Educación en emergencias
72040 Asistencia alimentaria de emergencia
72050 Coordinación y servicios de apoyo en emergencias
73010 Reconstrucción y rehabilitación inmediatas tras emergencias
74010 Prevención de desastres y preparación ante ellos
74020 Preparación de la respuesta a múltiples peligros
91010 Costos administrativos (sin asignación sectorial)
92010 Apoyo a ONG nacionales
92020 Apoyo a ONG internacionales
92030 Apoyo a ONG locales y regionales
93010 Refugiados y solicitantes de asilo en países donantes (sin asignación sectorial)
93011 Refugiados y solicitantes de asilo en países donantes: alimentación y alojamiento
93012 Refugiados y solicitantes de asilo en países donantes: formación
93013 Refugiados y solicitantes de asilo en países donantes: salud
93014 Refugiados y solicitantes de asilo en países donantes: otra manutención temporal
93015 Refugiados y solicitantes de asilo en países donantes: repatriación voluntaria
93016 Refugiados y solicitantes de asilo en países donantes: transporte
93017 Refugiados y solicitantes de asilo en países donantes: salvamento en el mar
93018 Refugiados y solicitantes de asilo en países donantes: costos administrativos
99810 Sectores no especificados
99820 Sensibilización sobre el desarrollo (sin asignación sectorial)
"""


@cache
def sectors_in(name: str, language: str) -> Mapping[str, str]:
    """Code → name of the list ``Sector`` or ``SectorCategory``; empty for other lists, and in other languages."""
    lists = {"Sector": _PURPOSES, "SectorCategory": _CATEGORIES}
    if language != "es" or name not in lists:
        return {}
    return dict(line.split(" ", 1) for line in lists[name].strip().split("\n"))
