package io.pinion.store.tx;

import io.pinion.store.table.Epochs;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frozen views of one datastore that live. Used by the writer's thread. Nothing is started for it: views that were
 * closed, or that nobody refers to any more, are noticed when the writer comes by.
 */
final class FrozenViews {
    private final Epochs epochs = new Epochs();
    /** Made for the first view. */
    private @Nullable ReferenceQueue<FrozenView> unreachable;

    /** By ascending number. */
    private final List<ViewLease> leases = new ArrayList<>(0);

    private long forgotten;
    private String lastForgotten = "";

    Epochs epochs() {
        return epochs;
    }

    FrozenView freeze(Catalog catalog, @Nullable ModuleFacts facts, String reader) {
        settle();
        ReferenceQueue<FrozenView> queue = unreachable;
        if (queue == null) {
            queue = new ReferenceQueue<>();
            unreachable = queue;
        }
        FrozenView view = new FrozenView(reader, queue, epochs.freeze(), catalog, facts);
        leases.add(view.lease());
        return view;
    }

    /** Takes note of views that have been released. */
    void settle() {
        ReferenceQueue<FrozenView> queue = unreachable;
        if (queue == null || !epochs.anyViews()) {
            return;
        }
        for (Reference<?> gone = queue.poll(); gone != null; gone = queue.poll()) {
            settle((ViewLease) gone);
        }
        leases.removeIf(ViewLease::isReleased);
        epochs.setNewestView(leases.isEmpty() ? 0 : leases.getLast().number);
    }

    /** No read of an unreachable view is running. */
    private void settle(ViewLease lease) {
        if (!lease.isClosed()) {
            forgotten++;
            lastForgotten = lease.reader;
            lease.close();
        }
    }

    FrozenViewCounts counts() {
        settle();
        return new FrozenViewCounts(leases.size(), forgotten, lastForgotten);
    }
}
