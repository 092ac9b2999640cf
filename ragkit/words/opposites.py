"""Words that exclude each other, in English and German: the scales of space, time, size and permission; units."""

OPPOSITES = """
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
"""Words that exclude each other: a line a set, "/" between the sides; the words of one side mean the same there."""
