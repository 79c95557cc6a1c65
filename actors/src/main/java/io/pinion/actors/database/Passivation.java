package io.pinion.actors.database;

import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.schedule.Schedule;
import java.time.Duration;

/**
 * When a database leaves memory by itself: nobody has asked it for anything for a while, nothing holds it, and when it is
 * next due is in the catalogue, durably. Its instance goes long before.
 *
 * <p>Used ⇄ unused, at each look. Unused → recording: the catalogue is told. Recording → leaving: it has answered and the
 * database is unused still; else → used.
 */
final class Passivation {
    private final Cell cell;
    private final Duration after;
    private boolean wasUsed = true;
    private long recordedMicros = Schedule.NEVER;
    private boolean isRecorded;
    private boolean isRecording;

    Passivation(Cell cell) {
        this.cell = cell;
        this.after = cell.settings().passivateAfter();
        if (!after.isZero()) {
            cell.timers()
                    .startTimerWithFixedDelay(Note.PassivationCheck.INSTANCE, Note.PassivationCheck.INSTANCE, after);
        }
    }

    /** Somebody asks the database for something. */
    void used() {
        wasUsed = true;
    }

    /** Something is due, at whatever time: should this node be lost, another one has to see to it. */
    void scheduled() {
        if (!isRecording && !(isRecorded && recordedMicros == WakeCatalogue.KEEP_AWAKE)) {
            record(WakeCatalogue.KEEP_AWAKE);
        }
    }

    private void record(long atMicros) {
        isRecording = true;
        isRecorded = false;
        cell.context()
                .pipeToSelf(
                        cell.services().wakes().wake(cell.database(), atMicros),
                        (_, failure) -> new Note.WakeRecorded(atMicros, failure == null));
    }

    /** It is time to look: leaving begins if nothing is against it. */
    void check(boolean isQuiet, long nextDueMicros) {
        boolean isUnused = !wasUsed && isQuiet;
        wasUsed = false;
        if (isUnused && !isRecording && !isSoon(nextDueMicros)) {
            record(nextDueMicros);
        }
    }

    /** It would be back before it is missed. */
    private boolean isSoon(long dueMicros) {
        return dueMicros != Schedule.NEVER
                && dueMicros - cell.services().clock().epochMicros() < after.toNanos() / 1000;
    }

    /** @return whether the database is to leave now */
    boolean onRecorded(Note.WakeRecorded recorded, boolean isQuiet, long nextDueMicros) {
        isRecording = false;
        isRecorded = recorded.isDurable();
        recordedMicros = recorded.atMicros();
        boolean isLeaving = isRecorded && isQuiet && !wasUsed && recordedMicros == nextDueMicros;
        if (!isLeaving && isRecorded && nextDueMicros != Schedule.NEVER) {
            scheduled();
        }
        return isLeaving;
    }

    /** The phase ends. */
    void end() {
        cell.timers().cancel(Note.PassivationCheck.INSTANCE);
    }
}
