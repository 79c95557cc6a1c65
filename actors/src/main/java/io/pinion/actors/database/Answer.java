package io.pinion.actors.database;

import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.Pending;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** An answer that leaves when the journal is durable up to its offset; if that will not be known, it says so instead. */
class Answer<T> extends Pending {
    private final ActorRef<? super T> replyTo;
    private final T outcome;
    private final T unknown;

    /**
     * @param unknown {@link Outcomes#UNKNOWN}, as an answer of that type
     * @param entry what is to be written first; null for an answer that changed nothing
     */
    Answer(long offset, @Nullable LogEntry entry, int payloadBytes, ActorRef<? super T> replyTo, T outcome, T unknown) {
        super(offset, entry, payloadBytes);
        this.replyTo = replyTo;
        this.outcome = outcome;
        this.unknown = unknown;
    }

    @Override
    protected void release() {
        replyTo.tell(outcome);
    }

    @Override
    protected void lose() {
        replyTo.tell(unknown);
    }

    /** An answer that the database hears of, too, when it has left. */
    static final class Announced<T> extends Answer<T> {
        private final ActorRef<DatabaseMessage> database;
        private final DatabaseMessage.Note note;

        /** @param note what the database is told */
        Announced(
                long offset,
                LogEntry entry,
                int payloadBytes,
                ActorRef<? super T> replyTo,
                T outcome,
                T unknown,
                ActorRef<DatabaseMessage> database,
                DatabaseMessage.Note note) {
            super(offset, entry, payloadBytes, replyTo, outcome, unknown);
            this.database = database;
            this.note = note;
        }

        @Override
        protected void release() {
            super.release();
            database.tell(note);
        }
    }

    /** Something to be done once the journal is durable up to an offset; not at all if that will not be known. */
    static final class WhenDurable extends Pending {
        private final Runnable act;

        /** @param act runs on the durability child's thread; must not throw or block */
        WhenDurable(long offset, Runnable act) {
            super(offset, null, 0);
            this.act = act;
        }

        @Override
        protected void release() {
            act.run();
        }

        @Override
        protected void lose() {}
    }

    /** A commit that nobody waits for. */
    static final class Unheard extends Pending {
        Unheard(long offset, LogEntry entry, int payloadBytes) {
            super(offset, entry, payloadBytes);
        }

        @Override
        protected void release() {}

        @Override
        protected void lose() {}
    }
}
