package io.pinion.store.table;

/**
 * Tells which parts of a datastore's tables are shared with frozen views, so that they are copied before they are
 * changed. Used by the writer's thread alone.
 *
 * <p>Freezes are numbered from 1. A part (a page, a node of an index) carries the number of freezes there had been when
 * it was made. A view shares what was made before its freeze; as the newest view shares all that older ones share and
 * that is still in use, one number tells everything: a part must be copied if it was made before the newest view that
 * lives. A freeze touches nothing.
 */
public final class Epochs {
    private long now;
    private long newestView;

    /** A view of the present state now lives; its number. */
    public long freeze() {
        newestView = ++now;
        return now;
    }

    /** The number of the newest view that lives, 0 if there is none. Views that were newer have been released. */
    public void setNewestView(long number) {
        newestView = number;
    }

    /** Whether anything is shared. */
    public boolean anyViews() {
        return newestView != 0;
    }

    /** What a part that is made now carries. */
    long now() {
        return now;
    }

    /** Whether a part with that number may be read by a view, and therefore must not be changed. */
    boolean isShared(long epoch) {
        return epoch < newestView;
    }
}
