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
