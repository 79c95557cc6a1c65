package io.pinion.actors.core;

/**
 * Looks for work for a while before a core parks, where waking a parked thread costs more than looking. After looking in
 * vain it skips a growing number of occasions, up to 63, and starts over when looking pays. Owner only.
 */
final class AdaptiveSpin {
    private static final int FAILURES_MAX = 6;

    private final long spinNanos;
    private int failures;
    private int skips;

    /** @param spinNanos 0 for never */
    AdaptiveSpin(long spinNanos) {
        this.spinNanos = spinNanos;
    }

    /** @return whether something arrived */
    boolean awaits(Inbox inbox) {
        if (spinNanos == 0) {
            return false;
        }
        if (skips > 0) {
            skips--;
            return false;
        }
        boolean arrived = spin(inbox);
        failures = arrived ? 0 : Math.min(failures + 1, FAILURES_MAX);
        skips = (1 << failures) - 1;
        return arrived;
    }

    private boolean spin(Inbox inbox) {
        long start = System.nanoTime();
        do {
            if (!inbox.isEmpty()) {
                return true;
            }
            Thread.onSpinWait();
        } while (System.nanoTime() - start < spinNanos && !inbox.isClosed());
        return false;
    }
}
