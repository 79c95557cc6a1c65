package io.pinion.actors.durability;

import io.pinion.actors.durability.LogEntry.CallKind;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Outcomes of calls that have a request id, for callers that repeat them. They are known by caller and id, and what is kept
 * of them follows from the log alone, so that it is the same after a recovery.
 *
 * <p>An id is a UUID of version 7, which begins with the time it was made at. Outcomes go oldest id first: when ids are
 * older than the window, when a caller has too many, when all together take too much memory. What is remembered of those
 * that went is the newest of their times, for the caller alone where it was the caller who had too many. So every id is
 * either in here, or newer than all that went and not answered yet, or {@linkplain #mayBeForgotten of unknown outcome}.
 *
 * <p>Used by one thread at a time. Nothing is allocated before the first outcome is kept.
 */
public final class RequestWindow {
    private static final long NEVER = -1;

    private final RequestSettings settings;
    private final long ageMillis;
    private Map<Identity, OfCaller> callers = Map.of();
    private @Nullable TreeSet<AnsweredCall> oldestFirst;
    private long bytes;
    private long forgottenMillis = NEVER;

    public RequestWindow(RequestSettings settings) {
        this.settings = settings;
        this.ageMillis = settings.age().toMillis();
    }

    private static final class OfCaller {
        private final Identity caller;
        private final TreeSet<AnsweredCall> calls = new TreeSet<>();
        private long forgottenMillis = NEVER;

        OfCaller(Identity caller) {
            this.caller = caller;
        }
    }

    /** What became of the call, or null if that is not in here. */
    public @Nullable AnsweredCall find(Identity caller, long requestHigh, long requestLow) {
        OfCaller own = callers.get(caller);
        if (own == null) {
            return null;
        }
        return find(own, new AnsweredCall(caller, requestHigh, requestLow, 0, CallFate.Begun.INSTANCE));
    }

    private static @Nullable AnsweredCall find(OfCaller own, AnsweredCall probe) {
        AnsweredCall found = own.calls.ceiling(probe);
        return found != null && found.compareTo(probe) == 0 ? found : null;
    }

    /** Whether a call of that id that is not in here may have been answered before. */
    public boolean mayBeForgotten(Identity caller, long requestHigh, long nowMicros) {
        long millis = AnsweredCall.millis(requestHigh);
        OfCaller own = callers.get(caller);
        return millis <= forgottenMillis
                || millis < oldestMillis(nowMicros)
                || (own != null && millis <= own.forgottenMillis);
    }

    private long oldestMillis(long nowMicros) {
        return TimeUnit.MICROSECONDS.toMillis(nowMicros) - ageMillis;
    }

    /** Keeps what became of a call, as its log entry says; nothing if it has no id. */
    public void keep(long offset, LogEntry.Transaction entry) {
        if ((entry.requestHigh() | entry.requestLow()) != 0) {
            keep(
                    new AnsweredCall(
                            entry.caller(),
                            entry.requestHigh(),
                            entry.requestLow(),
                            offset,
                            new CallFate.Reducer(entry.result(), "")),
                    entry.timestampMicros());
        }
    }

    /** Keeps what became of a call that changed nothing itself. */
    public void keep(long offset, LogEntry.Answered entry) {
        CallFate fate = entry.kind() == CallKind.PROCEDURE
                ? new CallFate.ProcedureFailed(entry.result(), entry.message())
                : new CallFate.Reducer(entry.result(), entry.message());
        keep(
                new AnsweredCall(entry.caller(), entry.requestHigh(), entry.requestLow(), offset, fate),
                entry.timestampMicros());
    }

    /** Keeps that a procedure was begun; how it ends takes the place of that. */
    public void keep(long offset, LogEntry.ProcedureBegun entry) {
        keep(
                new AnsweredCall(
                        entry.caller(), entry.requestHigh(), entry.requestLow(), offset, CallFate.Begun.INSTANCE),
                entry.timestampMicros());
    }

    /** Keeps what a procedure has returned, or that it has. */
    public void keep(long offset, LogEntry.ProcedureReturned entry) {
        CallFate fate = new CallFate.ProcedureReturned(entry.startMicros(), entry.value());
        keep(
                new AnsweredCall(entry.caller(), entry.requestHigh(), entry.requestLow(), offset, fate),
                entry.timestampMicros());
    }

    private void keep(AnsweredCall call, long nowMicros) {
        OfCaller own = add(call);
        while (own.calls.size() > settings.perCallerMax()) {
            AnsweredCall oldest = own.calls.first();
            own.forgottenMillis = Math.max(own.forgottenMillis, oldest.millis());
            remove(own, oldest);
        }
        long oldestMillis = oldestMillis(nowMicros);
        while (oldestFirst != null
                && !oldestFirst.isEmpty()
                && (bytes > settings.bytesMax() || oldestFirst.first().millis() < oldestMillis)) {
            AnsweredCall oldest = oldestFirst.first();
            forgottenMillis = Math.max(forgottenMillis, oldest.millis());
            remove(ofCaller(oldest.caller()), oldest);
        }
    }

    private OfCaller add(AnsweredCall call) {
        if (oldestFirst == null) {
            oldestFirst = new TreeSet<>();
            callers = new HashMap<>();
        }
        OfCaller own = ofCaller(call.caller());
        // One identity for all calls of a caller.
        AnsweredCall kept =
                new AnsweredCall(own.caller, call.requestHigh(), call.requestLow(), call.offset(), call.fate());
        AnsweredCall before = find(own, kept);
        if (before != null) {
            take(own, before);
        }
        own.calls.add(kept);
        oldestFirst.add(kept);
        bytes += kept.bytes();
        return own;
    }

    private OfCaller ofCaller(Identity caller) {
        return callers.computeIfAbsent(caller, OfCaller::new);
    }

    private void take(OfCaller own, AnsweredCall call) {
        own.calls.remove(call);
        if (oldestFirst != null) {
            oldestFirst.remove(call);
        }
        bytes -= call.bytes();
    }

    private void remove(OfCaller own, AnsweredCall oldest) {
        take(own, oldest);
        if (own.calls.isEmpty()) {
            forgottenMillis = Math.max(forgottenMillis, own.forgottenMillis);
            callers.remove(own.caller);
        }
    }

    /**
     * What it holds at a moment. Immutable.
     *
     * @param forgottenMillis the newest time of those that went, negative for none
     * @param forgottenByCaller as above, of callers who had too many
     * @param calls in the order of their ids
     */
    public record Content(long forgottenMillis, Map<Identity, Long> forgottenByCaller, List<AnsweredCall> calls) {
        public static final Content EMPTY = new Content(NEVER, Map.of(), List.of());

        public Content {
            forgottenByCaller = Map.copyOf(forgottenByCaller);
            calls = List.copyOf(calls);
        }
    }

    /** For a snapshot. Copies references alone. */
    public Content content() {
        if (oldestFirst == null && forgottenMillis == NEVER) {
            return Content.EMPTY;
        }
        Map<Identity, Long> forgottenByCaller = new HashMap<>();
        callers.forEach((caller, own) -> {
            if (own.forgottenMillis != NEVER) {
                forgottenByCaller.put(caller, own.forgottenMillis);
            }
        });
        return new Content(
                forgottenMillis, forgottenByCaller, oldestFirst == null ? List.of() : new ArrayList<>(oldestFirst));
    }

    /** Begins with what a snapshot holds. */
    public void restore(Content content) {
        forgottenMillis = Math.max(forgottenMillis, content.forgottenMillis());
        content.calls().forEach(this::add);
        content.forgottenByCaller().forEach((caller, millis) -> {
            OfCaller own = callers.get(caller);
            if (own != null) {
                own.forgottenMillis = Math.max(own.forgottenMillis, millis);
            }
        });
    }

    /** The database has ended: nothing that was called before is to be run in one that begins anew. */
    public void end(long nowMicros) {
        callers = Map.of();
        oldestFirst = null;
        bytes = 0;
        forgottenMillis = Math.max(forgottenMillis, TimeUnit.MICROSECONDS.toMillis(nowMicros));
    }
}
