package io.pinion.actors.database;

import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.store.value.ConnectionId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Connections that were open when the database was last served, and have not come back yet.
 *
 * <p>None → awaited: the database serves again, and they may come back. Awaited → missed: nothing else was let in for a
 * while, so that those who are quick have missed nothing. Awaited or missed → over: all have come back or gone; or time is
 * up, and those who are left have ended. Used by the database's actor.
 */
final class Returning {
    private static final Duration PAUSE_MORE = Duration.ofMillis(50);

    private final Cell cell;
    private final ResumeSettings settings;
    private final Map<ConnectionId, Caller> expected = new HashMap<>();

    Returning(Cell cell) {
        this.cell = cell;
        this.settings = cell.settings().resume();
    }

    void await(List<Caller> leftBehind) {
        leftBehind.forEach(caller -> expected.put(caller.connectionId(), caller));
        if (expected.isEmpty()) {
            return;
        }
        cell.admission().onlyReturns(true);
        cell.timers().startSingleTimer(Note.ReturnsMissed.INSTANCE, Note.ReturnsMissed.INSTANCE, settings.pause());
        cell.timers().startSingleTimer(Note.ReturnsOver.INSTANCE, Note.ReturnsOver.INSTANCE, settings.within());
    }

    /** The connection is there again, or has ended. */
    void settled(ConnectionId connection) {
        if (expected.remove(connection) != null && expected.isEmpty()) {
            end();
        }
    }

    /** The others do not wait any longer, unless some that have come are being dealt with. */
    void goOnUnless(boolean isBusy) {
        if (isBusy || cell.admission().hasWaitingReturns()) {
            cell.timers().startSingleTimer(Note.ReturnsMissed.INSTANCE, Note.ReturnsMissed.INSTANCE, PAUSE_MORE);
        } else {
            goOn();
        }
    }

    private void goOn() {
        cell.admission().onlyReturns(false);
    }

    /** Nobody is waited for any longer: ends those that have not come. */
    void over() {
        expected.values().forEach(caller -> cell.self().tell(new Note.ClientGone(caller, null)));
        end();
    }

    boolean isOver() {
        return expected.isEmpty();
    }

    /** The phase ends, or all are there. */
    void end() {
        expected.clear();
        goOn();
        cell.timers().cancel(Note.ReturnsMissed.INSTANCE);
        cell.timers().cancel(Note.ReturnsOver.INSTANCE);
    }
}
