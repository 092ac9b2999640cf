"""Words that exclude each other: the scales of space, time, size and permission; units."""

_ENGLISH_AND_GERMAN = """
increase increasing rise rising raise grow growth gain / decrease decreasing fall fell falling lower lowers decline declining drop reduce reduction shrink
more / less fewer
most / least
all / most / some several / few none no
many / few
higher / lower
high / low
maximum maximal / minimum minimal
large larger largest big bigger / small smaller smallest little
long longer longest lengthen / short shorter shortest shorten
hot hotter / cold colder
hard harder / soft softer
old older oldest / young younger youngest
old older / new newer
early earlier earliest / late later latest
first / last
first / second / third / fourth / fifth
before prior / after
above over / below under
inside indoors / outside outdoors
open opens opened / closed close closes shut
permitted allowed allow permit welcome / prohibited forbidden prohibit forbid banned ban
accept accepted / reject rejected refuse refused
include included including / exclude excluded excluding
horizontal horizontally / vertical vertically
left / right
north northern / south southern / east eastern / west western
spring / summer / autumn / winter
am / pm
best better good / worst worse bad
strong stronger / weak weaker
easy easier / difficult harder hard
possible / impossible
true correct / false incorrect wrong
positive / negative
upper / lower
full / empty
wet / dry
light / dark heavy
fast faster quick / slow slower
rich / poor
cheap cheaper / expensive
buy bought / sell sold
win won / lose lost
start begin begins began / end ends ended stop
always / sometimes / never
once / twice
mandatory required compulsory / voluntary optional
public / private
internal / external
improve improved improvement / worsen worsened
add added / subtract subtracted
multiply multiplied / divide divided
enable enabled / disable disabled
employer employers / employee employees
landlord landlords lessor / tenant tenants lessee
plaintiff plaintiffs / defendant defendants
teacher teachers / student students
import imports imported / export exports exported
men man male / women woman female / children
mother / father
brother / sister
day days daily / week weeks weekly / month months monthly / quarter quarters quarterly / year years yearly annual annually / hour hours hourly / minute minutes / second seconds
monday mondays / tuesday tuesdays / wednesday wednesdays / thursday thursdays / friday fridays / saturday saturdays / sunday sundays
january / february / march / april / may / june / july / august / september / october / november / december
mm / cm / m metre metres meter meters / km
mg / g grams gram / kg
dollars dollar $ usd / euros euro € eur / pounds £
thousand / million / billion
steigen steigt stieg erhöhen erhöht steigern steigert zunehmen / sinken sinkt sank senken senkt verringern verringert abnehmen
mehr / weniger
höher hoch / niedriger niedrig
groß größer größte / klein kleiner kleinste
lang länger / kurz kürzer
heiß / kalt
hart härter / weich weicher
alt älter / jung jünger
alt alte alten / neu neue neuen
früh früher / spät später
erste ersten erster / letzte letzten letzter
erste ersten erster / zweite zweiten zweiter / dritte dritten dritter
vor vorher / nach nachher
über / unter
innen drinnen / außen draußen
geöffnet offen / geschlossen
erlaubt gestattet willkommen / verboten untersagt
waagerecht horizontal / senkrecht vertikal
links / rechts
norden / süden / osten / westen
frühling / sommer / herbst / winter
immer / nie
alle jeder jede jedes / einige
tag tage tagen täglich / woche wochen wöchentlich / monat monate monaten monatlich / jahr jahre jahren jährlich / stunde stunden stündlich / minute minuten / sekunde sekunden
montag montags / dienstag dienstags / mittwoch mittwochs / donnerstag donnerstags / freitag freitags / samstag samstags sonnabend / sonntag sonntags
januar / februar / märz / april / mai / juni / juli / august / september / oktober / november / dezember
"""  # noqa: E501
_FRENCH = """
augmente augmentent augmenté augmentation hausse monte / diminue diminuent diminué diminution baisse baissent réduit réduite réduction
plus / moins
supérieur supérieure / inférieur inférieure
maximum maximal maximale / minimum minimal minimale
tous toutes toute / aucun aucune / quelques certains certaines
premier première premiers premières / dernier dernière derniers dernières
premier première / deuxième second seconde / troisième
avant / après
dessus / dessous
intérieur intérieure dedans / extérieur extérieure dehors
ouvert ouverte ouverts ouvertes / fermé fermée fermés fermées
permis permise autorisé autorisée autorisés autorisées / interdit interdite interdits interdites
inclus incluse compris comprise comprises / exclu exclue exclus exclues
gratuit gratuite gratuits gratuites / payant payante payants payantes
toujours / parfois / jamais
gauche / droite
nord / sud / ouest
locataire locataires / bailleur propriétaire
jour jours journalier quotidien / semaine semaines hebdomadaire / mois mensuel mensuelle mensuels mensuelles mensualité mensualités / trimestre trimestriel trimestrielle / an ans année années annuel annuelle annuels annuelles / heure heures / minute minutes / seconde secondes
lundi / mardi / mercredi / jeudi / vendredi / samedi / dimanche
janvier / février / mars / avril / mai / juin / juillet / août / septembre / octobre / novembre / décembre
"""  # noqa: E501
_ITALIAN = """
aumenta aumentano aumentato aumento crescita / diminuisce diminuiscono diminuito diminuzione scende riduzione ridotto ridotta
più / meno
superiore superiori / inferiore inferiori
massimo massima / minimo minima
tutti tutte / nessuno nessuna / alcuni alcune
primo prima / ultimo ultima
primo / secondo seconda / terzo terza
prima / dopo
sopra / sotto
interno dentro / esterno fuori
aperto aperta aperti aperte / chiuso chiusa chiusi chiuse
permesso permessa consentito consentita / vietato vietata vietati vietate
incluso inclusa inclusi incluse compreso compresa / escluso esclusa esclusi escluse
sempre / talvolta / mai
favore favorevole favorevoli / contro contrario contrari
approvato approvata approva / respinto respinta respinge
presente presenti / assente assenti
sinistra / destra
nord / sud / est / ovest
inquilino conduttore locatario / proprietario locatore
giorno giorni giornaliero / settimana settimane settimanale / mese mesi mensile mensili / trimestre trimestrale / anno anni annuo annua annuale annuali / ora ore / minuto minuti / secondi
lunedì / martedì / mercoledì / giovedì / venerdì / sabato / domenica
gennaio / febbraio / marzo / aprile / maggio / giugno / luglio / agosto / settembre / ottobre / novembre / dicembre
"""  # noqa: E501
_SPANISH = """
aumenta aumentan aumentado aumento sube suben subida / disminuye disminuyen disminución baja bajan bajada reduce reducen reducción
más / menos
superior superiores / inferior inferiores
máximo máxima / mínimo mínima
todos todas / ninguno ninguna / algunos algunas
primer primero primera / último última
primer primero primera / segundo segunda / tercer tercero tercera
antes / después
encima / debajo
interior dentro / exterior
abierto abierta abiertos abiertas / cerrado cerrada cerrados cerradas
permitido permitida permite permiten / prohibido prohibida prohíbe prohíben
incluido incluida incluidos incluidas incluye / excluido excluida excluidos excluidas excluye
siempre / nunca
izquierda / derecha
norte / sur / oeste
inquilino inquilina arrendatario arrendataria / propietario propietaria arrendador arrendadora
día días diario diaria / semana semanas semanal / mes meses mensual mensuales / trimestre trimestral / año años anual anuales / hora horas / minuto minutos / segundos
lunes / martes / miércoles / jueves / viernes / sábado / domingo
enero / febrero / marzo / abril / mayo / junio / julio / agosto / septiembre / octubre / noviembre / diciembre
"""  # noqa: E501
OPPOSITES = {
    "english": _ENGLISH_AND_GERMAN, "french": _FRENCH, "italian": _ITALIAN, "spanish": _SPANISH,
}  # fmt: skip
"""Words that exclude each other: a line a set, "/" between the sides; the words of one side mean the same there."""
