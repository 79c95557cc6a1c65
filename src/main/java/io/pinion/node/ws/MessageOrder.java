package io.pinion.node.ws;

import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.ResultRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.node.ws.ServerMessage.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Messages to a client in the order of the commits that they show. An answer whose rows are still being read has its place
 * already, and what comes after it waits for it. Used by one thread.
 */
final class MessageOrder {
    private static final int FIXED_BYTES = 64;

    private final Consumer<ServerMessage> out;
    private final int countMax;
    private final int bytesMax;
    private Deque<Entry> entries = new ArrayDeque<>(0);
    private long bytes;

    /** What has its place: a message, or one that is awaited. */
    private sealed interface Entry {
        record Known(ServerMessage message) implements Entry {}

        record Awaited(long ticket) implements Entry {}
    }

    /**
     * @param countMax messages that wait
     * @param bytesMax about what their rows take
     */
    MessageOrder(Consumer<ServerMessage> out, int countMax, int bytesMax) {
        this.out = out;
        this.countMax = countMax;
        this.bytesMax = bytesMax;
    }

    /** Sends a message, at once or when its turn comes. */
    void say(ServerMessage message) {
        if (entries.isEmpty()) {
            out.accept(message);
        } else {
            bytes += size(message);
            entries.add(new Entry.Known(message));
        }
    }

    /** A message will come that belongs here. */
    void await(long ticket) {
        entries.add(new Entry.Awaited(ticket));
    }

    /** Whether more waits than may. */
    boolean isOverfull() {
        return entries.size() > countMax || bytes > bytesMax;
    }

    /** What was awaited has come; nothing if it was not awaited. */
    void arrived(long ticket, ServerMessage message) {
        Deque<Entry> after = new ArrayDeque<>();
        for (Entry entry : entries) {
            after.add(entry.equals(new Entry.Awaited(ticket)) ? known(message) : entry);
        }
        entries = after;
        sendOn();
    }

    private Entry known(ServerMessage message) {
        bytes += size(message);
        return new Entry.Known(message);
    }

    private void sendOn() {
        while (entries.peekFirst() instanceof Entry.Known(ServerMessage message)) {
            entries.removeFirst();
            bytes -= size(message);
            out.accept(message);
        }
    }

    /**
     * The client will not hear of a set after all, or of none of its sets: rows of it in what waits behind its place go.
     *
     * @param setId null for all
     */
    void forget(long ticket, @Nullable Integer setId) {
        IntPredicate isLost = id -> setId == null || setId == id;
        Deque<Entry> left = new ArrayDeque<>();
        boolean isBehind = false;
        bytes = 0;
        for (Entry entry : entries) {
            isBehind |= entry.equals(new Entry.Awaited(ticket));
            Entry kept =
                    isBehind && entry instanceof Entry.Known(ServerMessage message) ? without(message, isLost) : entry;
            if (kept != null) {
                left.add(kept);
                bytes += kept instanceof Entry.Known(ServerMessage message) ? size(message) : 0;
            }
        }
        entries = left;
    }

    /** Null if nothing is left of it. */
    private static @Nullable Entry without(ServerMessage message, IntPredicate isLost) {
        return switch (message) {
            case ServerMessage.TransactionUpdate(var call, boolean isLight, var sets) -> {
                List<SetChanges> left = without(sets, isLost);
                yield left.isEmpty() ? null : new Entry.Known(new ServerMessage.TransactionUpdate(call, isLight, left));
            }
            case ServerMessage.ReducerResult(var call, Outcome.Committed(var sets)) ->
                new Entry.Known(new ServerMessage.ReducerResult(call, new Outcome.Committed(without(sets, isLost))));
            default -> new Entry.Known(message);
        };
    }

    private static List<SetChanges> without(List<SetChanges> sets, IntPredicate isLost) {
        return sets.stream().filter(set -> !isLost.test(set.setId())).toList();
    }

    /** What was awaited will not come. */
    void abandon(long ticket) {
        entries.removeIf(entry -> entry.equals(new Entry.Awaited(ticket)));
        sendOn();
    }

    private static long size(ServerMessage message) {
        return FIXED_BYTES
                + switch (message) {
                    case ServerMessage.TransactionUpdate update -> changed(update.sets());
                    case ServerMessage.ReducerResult(var _, Outcome.Committed(var sets)) -> changed(sets);
                    case ServerMessage.SubscribeApplied applied -> found(applied.rows());
                    case ServerMessage.UnsubscribeApplied applied -> applied.rows() == null ? 0 : found(applied.rows());
                    case ServerMessage.OneOffResult result -> found(result.rows());
                    default -> 0;
                };
    }

    private static long changed(List<SetChanges> sets) {
        long bytes = 0;
        for (SetChanges set : sets) {
            for (ChangedRows rows : set.rows()) {
                bytes += rows.inserts().length() + (long) rows.deletes().length();
            }
        }
        return bytes;
    }

    private static long found(List<ResultRows> rows) {
        return rows.stream().mapToLong(each -> each.rows().length()).sum();
    }
}
