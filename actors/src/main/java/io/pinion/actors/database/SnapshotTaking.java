package io.pinion.actors.database;

import io.pinion.actors.database.Database.SnapshotOutcome;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogPosition;
import io.pinion.actors.durability.Outbox;
import io.pinion.actors.snapshot.SnapshotMark;
import io.pinion.actors.snapshot.SnapshotSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;

/** The snapshots of one database that serves: at most one is being written. */
final class SnapshotTaking {
    private final Cell cell;
    private final Outbox outbox;
    private final List<ActorRef<? super SnapshotOutcome>> waiting = new ArrayList<>();
    private boolean isRunning;

    SnapshotTaking(Cell cell, Outbox outbox) {
        this.cell = cell;
        this.outbox = outbox;
    }

    /** What of the state as it is may be read on other threads. Its mark is still to be put into the outbox. */
    static SnapshotSource source(Cell cell, DatabaseLogic logic, Outbox outbox, String reader) {
        LogPosition durable = outbox.durable();
        return new SnapshotSource(
                cell.database(),
                logic.store().freeze(reader),
                logic.store().ids(),
                facts(logic.program()),
                logic.requests().content(),
                new SnapshotMark(logic.offset()),
                durable);
    }

    /** Whether none is being written. */
    boolean isIdle() {
        return !isRunning;
    }

    /** Begins one of the state as it is, unless one is on its way. */
    void begin(DatabaseLogic logic) {
        if (isRunning) {
            return;
        }
        isRunning = true;
        SnapshotSource source = source(cell, logic, outbox, "a snapshot");
        outbox.append(source.mark());
        Logger log = cell.context().getLog();
        cell.context().pipeToSelf(cell.services().snapshots().take(source), (written, failure) -> {
            if (failure != null) {
                log.warn("database {} gets no snapshot: {}", cell.database(), failure.getMessage());
                return new Note.SnapshotEnded(new Database.NoSnapshot(String.valueOf(failure.getMessage())));
            }
            return new Note.SnapshotEnded(new Database.SnapshotTaken(
                    written.offset(), written.chunks().rowCount()));
        });
    }

    /** As {@link #begin}, for somebody who waits for the end of it. */
    void begin(DatabaseLogic logic, ActorRef<? super SnapshotOutcome> replyTo) {
        waiting.add(replyTo);
        begin(logic);
    }

    private static IndexEntry.ProgramFacts facts(Program program) {
        return new IndexEntry.ProgramFacts(
                program.owner(),
                program.hostType(),
                program.hash(),
                program.definition().raw(),
                program.guestLibrary());
    }

    void ended(SnapshotOutcome outcome) {
        isRunning = false;
        abort(outcome);
    }

    /** Nobody waits any longer. */
    void abort(SnapshotOutcome outcome) {
        waiting.forEach(replyTo -> replyTo.tell(outcome));
        waiting.clear();
    }
}
