package io.pinion.actors.database;

import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.ObservedTransaction;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.Transaction;
import io.pinion.store.tx.ViewRows;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The views of one database whose rows are kept in the tables behind them: one instance per caller of a view that depends
 * on its caller, one for all of any other. An instance is always what its view would yield now: a transaction that changes
 * what it has read evaluates it again before it commits, and fails if that fails. Used by whoever may write the tables.
 *
 * <p>Absent → kept: a query asks for it and it is evaluated. Kept → kept: what it has read changes. Kept → absent: nobody
 * subscribes to it or has asked for it for long, there are too many, the program changes, or what it has read changes where no guest is at
 * hand to evaluate it.
 *
 * <p>What is evaluated or given up counts once its transaction has committed: {@link #keep}, else {@link #forget}.
 */
final class Views {
    private static final String SAME_KEY = "two of its rows have the same primary key";
    private static final String NO_ROWS = "its result is not made of rows of the declared type";

    private final int countMax;
    /** The one that was not asked for longest comes first. */
    private final Map<Key, Materialised> kept = new LinkedHashMap<>(0, 0.75f, true);

    private final ViewReaders readers = new ViewReaders();
    /** In the open transaction. */
    private final Map<Materialised, ReadSet> evaluated = new LinkedHashMap<>(0);

    /** In the open transaction. */
    private final Set<Materialised> dropped = new LinkedHashSet<>(0);

    /** Those that are subscribed to. */
    private final Set<Key> pinned = new HashSet<>(0);

    private record Key(int tableId, Bytes argHash) {}

    /** One instance. */
    static final class Materialised {
        private final Key key;
        private final ViewDef view;
        private final Identity sender;
        private @Nullable ReadSet reads;
        private long usedNanos;

        private Materialised(Key key, ViewDef view, Identity sender) {
            this.key = key;
            this.view = view;
            this.sender = sender;
        }

        int tableId() {
            return key.tableId();
        }

        /** Names the instance among the rows of its table. */
        Bytes argHash() {
            return key.argHash();
        }
    }

    /** @param countMax instances that are kept, at least 1 */
    Views(int countMax) {
        this.countMax = countMax;
    }

    /** Keeps those, whoever asks for them, and no others for that reason; nothing is evaluated by that. */
    void keepFor(Collection<ViewInstance> subscribed) {
        pinned.clear();
        subscribed.forEach(instance -> pinned.add(new Key(instance.tableId(), instance.argHash())));
    }

    boolean isKept(ViewInstance instance) {
        return !kept.isEmpty() && kept.containsKey(new Key(instance.tableId(), instance.argHash()));
    }

    /** Whether none is kept, so that no transaction need care. */
    boolean isEmpty() {
        return kept.isEmpty();
    }

    int count() {
        return kept.size();
    }

    /** The instance for that caller, if it is kept; it counts as used. */
    @Nullable
    Materialised find(Datastore store, ViewDef view, Identity caller, long nowNanos) {
        Materialised found = kept.isEmpty() ? null : kept.get(key(store, view, caller));
        if (found != null) {
            found.usedNanos = nowNanos;
        }
        return found;
    }

    private static Key key(Datastore store, ViewDef view, Identity caller) {
        int tableId = store.table(view.name())
                .map(TableInfo::id)
                .orElseThrow(() -> new IllegalStateException("there is no table behind the view " + view.name()));
        Bytes arguments = view.isAnonymous()
                ? Bytes.EMPTY
                : new BsatnWriter().writeIdentity(caller).toBytes();
        return new Key(tableId, ViewRows.argHash(arguments));
    }

    /** Evaluates a view for a caller in the open transaction. */
    Materialised evaluate(
            Datastore store, Transaction transaction, ViewRun run, ViewDef view, Identity caller, long nowNanos)
            throws ViewFailedException {
        Materialised made = new Materialised(key(store, view, caller), view, caller);
        made.usedNanos = nowNanos;
        evaluate(store, transaction, run, made);
        return made;
    }

    private void evaluate(Datastore store, Transaction transaction, ViewRun run, Materialised instance)
            throws ViewFailedException {
        ReadSet reads = new ReadSet(store);
        Transaction observed = new ObservedTransaction(store, new ReadOnlyTransaction(transaction), reads);
        RowList rows = run.rows(instance.view, instance.sender, observed);
        switch (store.views().replace(instance.tableId(), instance.argHash(), rows)) {
            case StoreCode.OK -> evaluated.put(instance, reads);
            case StoreCode.UNIQUE_ALREADY_EXISTS -> throw new ViewFailedException(instance.view.name(), SAME_KEY);
            default -> throw new ViewFailedException(instance.view.name(), NO_ROWS);
        }
    }

    /** Evaluates again what the open transaction has made stale: each instance once at most. */
    void refresh(Datastore store, Transaction transaction, ViewRun run) throws ViewFailedException {
        Set<Materialised> stale = stale(store);
        while (!stale.isEmpty()) {
            for (Materialised instance : stale) {
                evaluate(store, transaction, run, instance);
            }
            stale = stale(store);
        }
    }

    /** Those that were not evaluated in this transaction yet. A view may have read rows of another. */
    private Set<Materialised> stale(Datastore store) {
        Set<Materialised> stale = new LinkedHashSet<>();
        readers.collectStale(store, stale);
        stale.removeAll(evaluated.keySet());
        stale.removeAll(dropped);
        return stale;
    }

    /** Gives up what the open transaction has made stale. */
    void dropStale(Datastore store) {
        Set<Materialised> stale = stale(store);
        while (!stale.isEmpty()) {
            stale.forEach(instance -> drop(store, instance));
            stale = stale(store);
        }
    }

    private void drop(Datastore store, Materialised instance) {
        store.views().drop(instance.tableId(), instance.argHash());
        dropped.add(instance);
    }

    private void remove(Materialised instance) {
        kept.remove(instance.key);
        ReadSet reads = instance.reads;
        if (reads != null) {
            readers.remove(instance, reads);
        }
    }

    /** The transaction has committed. */
    void keep() {
        dropped.forEach(this::remove);
        dropped.clear();
        if (evaluated.isEmpty()) {
            return;
        }
        evaluated.forEach((instance, reads) -> {
            ReadSet before = instance.reads;
            if (before != null) {
                readers.remove(instance, before);
            }
            instance.reads = reads;
            readers.add(instance, reads);
            // Being evaluated again is not being asked for, which the order of what is kept tells.
            if (!kept.containsKey(instance.key)) {
                kept.put(instance.key, instance);
            }
        });
        evaluated.clear();
    }

    /** The transaction was rolled back. */
    void forget() {
        evaluated.clear();
        dropped.clear();
    }

    /** The rows behind the views are gone, or will be. */
    void clear() {
        kept.clear();
        readers.clear();
        forget();
    }

    /** Gives up, in the open transaction, every instance, as after a commit that was taken back. */
    void dropAll(Datastore store) {
        List.copyOf(kept.values()).forEach(instance -> drop(store, instance));
    }

    /** Gives up, in the open transaction, what was not asked for since a time. */
    void dropUnused(Datastore store, long sinceNanos) {
        for (Materialised oldest : kept.values()) {
            if (oldest.usedNanos - sinceNanos > 0) {
                return;
            }
            if (!pinned.contains(oldest.key)) {
                drop(store, oldest);
            }
        }
    }

    /** Gives up, in the open transaction, what was asked for longest ago, so that one more may be kept. */
    void makeRoom(Datastore store) {
        Iterator<Materialised> oldest = kept.values().iterator();
        while (kept.size() - dropped.size() >= countMax && oldest.hasNext()) {
            Materialised next = oldest.next();
            if (!pinned.contains(next.key)) {
                drop(store, next);
            }
        }
    }
}
