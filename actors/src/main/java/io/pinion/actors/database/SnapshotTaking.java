package io.pinion.actors.database;

import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogPosition;
import io.pinion.actors.durability.Outbox;
import io.pinion.actors.snapshot.SnapshotMark;
import io.pinion.actors.snapshot.SnapshotSource;
import org.slf4j.Logger;

/** The snapshots of one database that serves: at most one is being written. */
final class SnapshotTaking {
    private final Cell cell;
    private final Outbox outbox;
    private boolean isRunning;

    SnapshotTaking(Cell cell, Outbox outbox) {
        this.cell = cell;
        this.outbox = outbox;
    }

    /** Begins one of the state as it is, unless one is on its way. */
    void begin(DatabaseLogic logic) {
        if (isRunning) {
            return;
        }
        isRunning = true;
        LogPosition durable = outbox.durable();
        SnapshotMark mark = new SnapshotMark(logic.offset());
        SnapshotSource source = new SnapshotSource(
                cell.database(),
                logic.store().freeze("a snapshot"),
                logic.store().ids(),
                facts(logic.program()),
                logic.requests().content(),
                mark,
                durable);
        outbox.append(mark);
        Logger log = cell.context().getLog();
        cell.context().pipeToSelf(cell.services().snapshots().take(source), (_, failure) -> {
            if (failure != null) {
                log.warn("database {} gets no snapshot: {}", cell.database(), failure.getMessage());
            }
            return Note.SnapshotEnded.INSTANCE;
        });
    }

    private static IndexEntry.ProgramFacts facts(Program program) {
        return new IndexEntry.ProgramFacts(
                program.owner(),
                program.hostType(),
                program.hash(),
                program.definition().raw(),
                program.guestLibrary());
    }

    void ended() {
        isRunning = false;
    }
}
