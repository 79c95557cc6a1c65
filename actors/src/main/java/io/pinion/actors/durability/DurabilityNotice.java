package io.pinion.actors.durability;

/** What the durability child tells its database. That it has ended is said by its termination alone. */
public sealed interface DurabilityNotice {
    /**
     * Everything in the log was handed to the {@link LogReplay}, and if there was anything, the log was taken over under
     * a new epoch.
     *
     * @param offset of the last entry, 0 for an empty log
     * @param outbox where commits and answers go from now on
     */
    record Recovered(long offset, Outbox outbox) implements DurabilityNotice {}

    /** The log cannot be read; the child ends. The reason names offset and cause. */
    record RecoveryFailed(String reason) implements DurabilityNotice {}
}
