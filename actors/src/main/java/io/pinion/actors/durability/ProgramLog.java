package io.pinion.actors.durability;

import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.Recovery;
import org.apache.pekko.persistence.RecoveryCompleted;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * Reads or completes the log of one program, then stops. Its persistence id is the program's hash, so every chunk has one
 * possible content and a log that broke off is carried on. What begins again replaces what came before.
 *
 * <pre>
 *   u8 version, u8 kind 4, u32 index, u32 count, u32 program bytes, u32 CRC-32C of the part, then the part
 * </pre>
 */
final class ProgramLog extends LogActor {
    private static final int VERSION = 1;
    private static final int PROGRAM_CHUNK = 4;
    private static final int OVERHEAD_BYTES = 18;
    /** Part of the format: a log that broke off can only be carried on with the same. */
    private static final int PART_BYTES = (1 << 20) - OVERHEAD_BYTES;

    private static final int PROGRAM_BYTES_MAX = 1 << 30;

    private final String hash;
    private final @Nullable Bytes toStore;
    private final CompletableFuture<Outcome> result;
    private final BsatnWriter found = new BsatnWriter();
    private int chunkCount;
    private int chunksFound;
    private long sequenceNrFound;

    /**
     * @param program empty if it was to be read and is not there whole
     * @param isNew whether this stored it
     */
    record Outcome(Optional<Bytes> program, boolean isNew) {}

    private ProgramLog(
            String hash, String journalPluginId, @Nullable Bytes toStore, CompletableFuture<Outcome> result) {
        super(persistenceId(hash), journalPluginId);
        this.hash = hash;
        this.toStore = toStore;
        this.result = result;
    }

    /**
     * @param toStore the program, null to read it
     * @param result completed when it is read or stored; fails as the journal does
     */
    static Props props(
            String hash, String journalPluginId, @Nullable Bytes toStore, CompletableFuture<Outcome> result) {
        return Props.create(ProgramLog.class, () -> new ProgramLog(hash, journalPluginId, toStore, result))
                .withDispatcher(DurabilityActor.DISPATCHER);
    }

    static String persistenceId(String hash) {
        return "program-" + hash;
    }

    @Override
    public Recovery recovery() {
        return Recovery.create(SnapshotSelectionCriteria.none());
    }

    @Override
    public Receive createReceiveRecover() {
        return receiveBuilder()
                .match(byte[].class, chunk -> guarded(() -> onChunk(chunk)))
                .match(RecoveryCompleted.class, _ -> guarded(this::onReplayed))
                .build();
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder().build();
    }

    private void onChunk(byte[] chunk) {
        try {
            BsatnReader in = new BsatnReader(chunk);
            int version = in.readU8();
            int kind = in.readU8();
            if (version != VERSION || kind != PROGRAM_CHUNK) {
                throw corrupt("has an event of version " + version + " and kind " + kind);
            }
            int index = in.readInt();
            int count = in.readInt();
            int programBytes = in.readInt();
            int checksum = in.readInt();
            if (index == 0) {
                // Stored once more by somebody to whom the journal did not give what was there.
                found.reset();
                chunksFound = 0;
            }
            if (index != chunksFound || programBytes < 0 || count != chunkCount(programBytes)) {
                throw corrupt("has chunk " + index + " of " + count + " of " + programBytes + " bytes after "
                        + chunksFound + " chunks");
            }
            if (checksum != EventCodec.checksum(chunk, in.position(), in.remaining())) {
                throw corrupt("has a chunk " + index + " with a wrong checksum");
            }
            found.writeRaw(chunk, in.position(), in.remaining());
            chunkCount = count;
            chunksFound++;
            sequenceNrFound = lastSequenceNr();
        } catch (BsatnException e) {
            throw corrupt("breaks off: " + e.getMessage());
        }
    }

    private CorruptEventException corrupt(String problem) {
        return new CorruptEventException("the log of program " + hash + " " + problem);
    }

    private void onReplayed() {
        if (chunksFound > 0) {
            // None at all may also mean that it was removed.
            IncompleteLogException.requireEnd(sequenceNrFound, lastSequenceNr());
        }
        Bytes program = toStore;
        if (program == null) {
            boolean isWhole = chunksFound > 0 && chunksFound == chunkCount;
            end(new Outcome(isWhole ? Optional.of(found.toBytes()) : Optional.empty(), false));
        } else if (chunksFound == chunkCount(program.length())) {
            end(new Outcome(Optional.of(program), false));
        } else {
            store(program);
        }
    }

    private void store(Bytes program) {
        int count = chunkCount(program.length());
        List<byte[]> chunks = new ArrayList<>(count - chunksFound);
        for (int index = chunksFound; index < count; index++) {
            chunks.add(chunk(program, index, count));
        }
        int last = count;
        persistAll(
                chunks,
                _ -> guarded(() -> {
                    chunksFound++;
                    if (chunksFound == last) {
                        end(new Outcome(Optional.of(program), true));
                    }
                }));
    }

    private static byte[] chunk(Bytes program, int index, int count) {
        int start = index * PART_BYTES;
        int length = Math.min(PART_BYTES, program.length() - start);
        BsatnWriter out = new BsatnWriter(length + OVERHEAD_BYTES);
        out.writeByte(VERSION).writeByte(PROGRAM_CHUNK).writeInt(index).writeInt(count);
        out.writeInt(program.length())
                .writeInt(EventCodec.checksum(program.unsafeArray(), start, length))
                .writeRaw(program.unsafeArray(), start, length);
        return out.toBytes().unsafeArray();
    }

    private static int chunkCount(int programBytes) {
        if (programBytes > PROGRAM_BYTES_MAX) {
            throw new IllegalArgumentException("a program of " + programBytes + " bytes is too large to be stored");
        }
        return Math.max(1, Math.ceilDiv(programBytes, PART_BYTES));
    }

    private void end(Outcome outcome) {
        result.complete(outcome);
        getContext().stop(getSelf());
    }

    @Override
    public void onRecoveryFailure(Throwable cause, Option<Object> event) {
        result.completeExceptionally(cause);
    }

    @Override
    public void onPersistFailure(Throwable cause, Object event, long sequenceNr) {
        result.completeExceptionally(cause);
    }

    @Override
    public void onPersistRejected(Throwable cause, Object event, long sequenceNr) {
        result.completeExceptionally(cause);
        getContext().stop(getSelf());
    }

    @Override
    public void postStop() {
        result.completeExceptionally(new IllegalStateException("the store of programs has ended"));
    }

    @SuppressWarnings("IllegalCatch") // whoever waits for the result is told, whatever it is
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            result.completeExceptionally(e);
            getContext().stop(getSelf());
        }
    }
}
