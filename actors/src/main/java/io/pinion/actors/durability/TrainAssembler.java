package io.pinion.actors.durability;

import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import org.jspecify.annotations.Nullable;

/**
 * Puts the chunks of a train together as they are replayed.
 *
 * <p>Between trains → collecting: chunk 0 arrives. Collecting → collecting: the next chunk of the same train arrives.
 * Collecting → between trains: the last chunk arrives and the train is delivered, or anything else arrives and what was
 * collected is forgotten: its write never succeeded.
 */
final class TrainAssembler {
    private @Nullable BsatnWriter body;
    private long epoch;
    private long train;
    private int nextIndex;

    /**
     * Takes the next chunk.
     *
     * @return the batch, if the train is complete with this chunk
     * @throws CorruptEventException if it is complete and its checksum or content is wrong
     */
    Event.@Nullable Batch add(Event.Chunk chunk) {
        if (chunk.index() == 0) {
            body = new BsatnWriter(chunk.part().length());
            epoch = chunk.epoch();
            train = chunk.train();
            nextIndex = 0;
        }
        BsatnWriter collected = body;
        if (collected == null || chunk.index() != nextIndex || chunk.train() != train || chunk.epoch() != epoch) {
            interrupt();
            return null;
        }
        collected.writeRaw(chunk.part());
        nextIndex++;
        if (nextIndex < chunk.count()) {
            return null;
        }
        interrupt();
        return complete(collected, chunk);
    }

    /** Something that is no chunk has come: an unfinished train stays unfinished. */
    void interrupt() {
        body = null;
    }

    private static Event.Batch complete(BsatnWriter collected, Event.Chunk last) {
        int checksum = EventCodec.checksum(collected.buffer(), 0, collected.length());
        if (checksum != last.trainChecksum()) {
            throw new CorruptEventException("the checksum of the train of " + last.count() + " events at offset "
                    + last.train() + " does not match");
        }
        try {
            BsatnReader in = new BsatnReader(collected.buffer(), 0, collected.length());
            Event.Batch batch = EventCodec.readBatch(collected.buffer(), in, last.epoch());
            EventCodec.requireEnd(in);
            return batch;
        } catch (BsatnException e) {
            throw new CorruptEventException(
                    "the train at offset " + last.train() + " breaks off: " + e.getMessage(), e);
        }
    }
}
