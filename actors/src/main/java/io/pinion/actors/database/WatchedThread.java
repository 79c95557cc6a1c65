package io.pinion.actors.database;

/** What the monitor remembers of the calls of one thread. The monitor's thread only. */
final class WatchedThread {
    private final CallSlot slot;
    private final AllocatedBytes allocated;
    private long call = CallSlot.NONE;
    private long allocatedAtFirstSight;
    private long stopAsked = CallSlot.NONE;
    private long stopSeen = CallSlot.NONE;
    private long stopSeenNanos;
    private long declared = CallSlot.NONE;

    WatchedThread(CallSlot slot, AllocatedBytes allocated) {
        this.slot = slot;
        this.allocated = allocated;
    }

    CallSlot slot() {
        return slot;
    }

    /** Looks what is called now; {@link CallSlot#NONE} if nothing is. */
    long look() {
        long current = slot.current();
        if (current != call) {
            call = current;
            if (current != CallSlot.NONE) {
                allocatedAtFirstSight = allocated.of(slot.thread());
            }
        }
        return current;
    }

    /** The call that was looked at last. */
    long call() {
        return call;
    }

    /** What that call has allocated since it was first seen: almost all of it, if it is worth a word. */
    long allocatedByCall() {
        return call == CallSlot.NONE ? 0 : allocated.of(slot.thread()) - allocatedAtFirstSight;
    }

    /** Whether nobody was told yet to stop the call. */
    boolean isStopDue() {
        return stopAsked != call;
    }

    void stopAsked() {
        stopAsked = call;
    }

    /** Whether the call goes on for that long after it was asked to stop, and nobody was told yet that it is stuck. */
    boolean isStuckDue(long watchedNanos, long stuckAfterNanos) {
        if (stopSeen != call) {
            stopSeen = call;
            stopSeenNanos = watchedNanos;
        }
        return declared != call && watchedNanos - stopSeenNanos > stuckAfterNanos;
    }

    void stuckDeclared() {
        declared = call;
    }
}
