package io.pinion.store.tx;

/**
 * How many frozen views a datastore has and had.
 *
 * @param open made and neither closed nor forgotten yet
 * @param forgotten since the datastore was made: became unreachable without having been closed. A fault of the reader
 *     that its owner should log; until the collector finds such a view, changes keep copying what it shares
 * @param lastForgotten the name of the reader that forgot one last, empty if none has
 */
public record FrozenViewCounts(int open, long forgotten, String lastForgotten) {}
