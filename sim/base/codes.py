"""What whole numbers in tables and kernels stand for."""

ORIGINS = ("human", "assisted", "generated")  # of an item
HUMAN, ASSISTED, GENERATED = range(len(ORIGINS))
TRUE, ERROR, FALSE, IMPOSTOR = range(4)  # accuracy of an item: right, wrong by mistake, by intent, and as another
CONFIRMED, REFUTED = 1, 2  # mark of a fact check that it carries; 0 is none
KINDS = ("creator", "studio", "farm")  # of producers; a farm is an AI producer
CREATOR, STUDIO, FARM = range(len(KINDS))
NEEDS = ("inform", "divert", "socialise", "make")  # that a session serves
SOURCES = ("followed", "friends", "interest", "trending", "exploration", "query")  # of a slate's slots
FOLLOWED, FRIENDS, INTEREST, TRENDING, EXPLORATION, QUERY = range(len(SOURCES))
