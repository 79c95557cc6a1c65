package io.pinion.actors.durability;

import java.util.List;

/**
 * One write that was sent to the journal, until it is known what became of it. Kept in the outbox, so that it outlives the
 * child that sent it.
 *
 * @param events as they were sent
 * @param offsetLast of the last entry in them
 * @param isEnd whether that entry is the end of the database
 */
record InFlight(List<byte[]> events, long offsetLast, boolean isEnd) {
    InFlight {
        events = List.copyOf(events);
    }
}
