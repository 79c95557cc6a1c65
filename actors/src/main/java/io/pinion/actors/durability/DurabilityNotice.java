package io.pinion.actors.durability;

/** What the durability child tells its database. That it has ended is said by its termination alone. */
public sealed interface DurabilityNotice {
    /**
     * The journal holds more than was read; the child ends.
     *
     * @param sequenceNrLast of the last event in the journal
     */
    record Behind(long sequenceNrLast) implements DurabilityNotice {}

    /**
     * The journal ends where the log was read to, and if there is a database, its log was taken over under a new epoch.
     *
     * @param offset of the last entry, 0 for an empty log
     * @param outbox where commits and answers go from now on
     */
    record Recovered(long offset, Outbox outbox) implements DurabilityNotice {}

    /** A child that followed one whose write failed has found out what became of that write, and goes on. */
    enum Settled implements DurabilityNotice {
        INSTANCE
    }

    /** Somebody else has written to the log; the child ends. */
    record Foreign(String reason) implements DurabilityNotice {}

    /** So much was written since the newest snapshot that another is due. */
    enum LogIsLong implements DurabilityNotice {
        INSTANCE
    }

    /** The journal cannot be read; the child ends. The reason names the cause. */
    record RecoveryFailed(String reason) implements DurabilityNotice {}
}
