"""Meaning of the integer codes in tables and kernels: origins, accuracies, kinds of producers, sources."""

ORIGINS = ("human", "assisted", "generated")  # of an item
HUMAN, ASSISTED, GENERATED = range(len(ORIGINS))
# Accuracy of an item: true, wrong by mistake, deliberately false, or false and posing as another producer.
TRUE, ERROR, FALSE, IMPOSTOR = range(4)
TRUTHS = ("true", "mistaken", "false")  # of an item; who poses as another counts as false
MARKS = ("none", "confirmed", "refuted")  # of a fact check on an item
CONFIRMED, REFUTED = 1, 2
KINDS = ("creator", "studio", "farm")  # of producers; a farm is an AI producer
CREATOR, STUDIO, FARM = range(len(KINDS))
SOURCES = ("followed", "friends", "interest", "trending", "exploration", "query")  # of the item in a slate's slot
FOLLOWED, FRIENDS, INTEREST, TRENDING, EXPLORATION, QUERY = range(len(SOURCES))
