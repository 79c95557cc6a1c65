package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command.CallProcedure;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Calls of procedures with request ids that wait for an instance or run, and those that were sent again meanwhile: they
 * wait for the same outcome. Used by one thread at a time.
 */
final class JoinedCalls {
    /** Each is a message that is kept. */
    private static final int JOINED_MAX = 100;

    private final Map<Key, List<CallProcedure>> calls = new HashMap<>();

    private record Key(Identity caller, RequestId id) {
        static Key of(CallProcedure call) {
            return new Key(call.caller().identity(), call.requestId());
        }
    }

    /** The first call of its id; nothing without one. */
    void begin(CallProcedure call) {
        if (!call.requestId().isNone()) {
            calls.put(Key.of(call), new ArrayList<>());
        }
    }

    boolean contains(CallProcedure call) {
        return calls.containsKey(Key.of(call));
    }

    /** @return whether the call is under way already, so that this one waits with it, or is told to come again */
    boolean join(CallProcedure call) {
        List<CallProcedure> joined = calls.get(Key.of(call));
        if (joined == null) {
            return false;
        }
        if (joined.size() == JOINED_MAX) {
            call.replyTo().tell(Outcomes.PROCEDURES_ARE_BUSY);
        } else {
            joined.add(call);
        }
        return true;
    }

    /** The call is under way no longer: all that have waited with it, and are to be told what it is told. */
    List<CallProcedure> end(CallProcedure call) {
        List<CallProcedure> joined = calls.remove(Key.of(call));
        return joined == null ? List.of() : joined;
    }
}
