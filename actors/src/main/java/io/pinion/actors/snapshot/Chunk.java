package io.pinion.actors.snapshot;

import io.pinion.store.value.Bytes;

/**
 * One event of a snapshot: a part of a block of rows of one table. Most blocks have one part; only a row that is larger than
 * an event makes more. Immutable.
 *
 * @param offset of the snapshot
 * @param index counts the chunks of the snapshot, from 0
 * @param part of {@code partCount}, from 0
 * @param checksum of the event
 */
record Chunk(long offset, int index, int tableId, int part, int partCount, Bytes bytes, int checksum) {}
