package io.pinion.actors.database;

import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.ModuleLog;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host of an instance whose program is not in force yet. What the instance asks to be called immediately, in
 * {@code init} as a rule, waits until the program is in force and then runs on its tables; if that never comes it is
 * forgotten. No more may wait than in the mailbox afterwards.
 *
 * <p>Until {@link #release} used by one thread at a time, as the instance is; then like the host behind it.
 */
final class UnpublishedHost implements InstanceHost {
    private final InstanceHost host;
    private final AdmissionSettings.Bound bound;
    private final Admission.OwnCallListener onDropped;
    private volatile @Nullable List<Note.CallImmediately> held = new ArrayList<>();
    private long heldBytes;

    /**
     * @param bound of what may wait
     * @param onDropped told of calls beyond it
     */
    UnpublishedHost(InstanceHost host, AdmissionSettings.Bound bound, Admission.OwnCallListener onDropped) {
        this.host = host;
        this.bound = bound;
        this.onDropped = onDropped;
    }

    @Override
    public void scheduleImmediate(String functionName, Bytes arguments) {
        List<Note.CallImmediately> waiting = held;
        if (waiting == null) {
            host.scheduleImmediate(functionName, arguments);
        } else {
            hold(waiting, new Note.CallImmediately(functionName, arguments));
        }
    }

    private void hold(List<Note.CallImmediately> waiting, Note.CallImmediately call) {
        long bytes = MessageSize.of(call);
        if (waiting.size() >= bound.count() || heldBytes + bytes > bound.bytes()) {
            onDropped.dropped(call, Admission.TOO_MANY_OWN_CALLS);
        } else {
            heldBytes += bytes;
            waiting.add(call);
        }
    }

    /** The program is in force. */
    void release() {
        List<Note.CallImmediately> waiting = held;
        held = null;
        if (waiting != null) {
            waiting.forEach(call -> host.scheduleImmediate(call.function(), call.arguments()));
        }
    }

    @Override
    public Identity databaseIdentity() {
        return host.databaseIdentity();
    }

    @Override
    public ModuleLog log() {
        return host.log();
    }

    @Override
    public @Nullable String jwtClaims(ConnectionId connectionId) {
        return host.jwtClaims(connectionId);
    }
}
