from ragkit.library.adding import Added as Added
from ragkit.library.adding import add as add
from ragkit.library.finding import Near as Near
from ragkit.library.finding import ask as ask
from ragkit.library.finding import near as near
from ragkit.library.table import Library as Library
from ragkit.library.table import open_library as open_library
