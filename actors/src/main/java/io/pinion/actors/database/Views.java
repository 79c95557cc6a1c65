package io.pinion.actors.database;

import io.pinion.store.query.SubscriptionPlan.ViewInstance;
import io.pinion.store.schema.ModuleDef;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
 * on its caller, one for all of any other. An instance that is kept is what its view would yield now: a transaction that changes
 * what it has read evaluates it again before it commits, and fails if that fails. Used by whoever may write the tables.
 *
 * <p>Absent → kept: a query asks for it and it is evaluated. Kept → kept: what it has read changes. Kept → absent: nobody
 * subscribes to it or has asked for it for long, or there are too many. Where the program changes, or what it has read
 * changes and no guest is at hand to evaluate it: kept → outdated if it is subscribed to, which keeps the rows that
 * subscribers have seen; → absent otherwise. Outdated → kept: it is evaluated, before anybody else is shown it. Outdated →
 * absent: that fails, or nobody subscribes to it any more.
 *
 * <p>What is evaluated or given up counts once its transaction has committed: {@link #keep}, else {@link #forget}. What the
 * newest transaction has brought about is taken back with {@link #takeBack}.
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

    private final Set<Materialised> outdated = new LinkedHashSet<>(0);

    /** In the open transaction. */
    private final Set<Materialised> outdatedNow = new LinkedHashSet<>(0);

    /** What had been read by those that the newest transaction evaluated, null by one that was not kept. */
    private final Map<Materialised, @Nullable ReadSet> readsBefore = new HashMap<>(0);

    /** Those that the newest transaction has given up. */
    private final List<Materialised> givenUp = new ArrayList<>(0);

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

    /** Whether its rows are there: what its view yields now, or yielded before it was outdated. */
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

    /** Whether some have to be evaluated before anything is asked of views. */
    boolean areOutdated() {
        return !outdated.isEmpty();
    }

    /** The instance for that caller, if it is kept; it counts as used. */
    @Nullable
    Materialised find(Datastore store, ViewDef view, Identity caller, long nowNanos) {
        Materialised found = kept.isEmpty() ? null : kept.get(key(store, view, caller));
        if (found == null || outdated.contains(found)) {
            return null;
        }
        found.usedNanos = nowNanos;
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
        Key key = key(store, view, caller);
        Materialised made = kept.getOrDefault(key, new Materialised(key, view, caller));
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

    /** Evaluates one of those that are outdated in the open transaction, or gives it up if nobody subscribes to it. */
    void bringUpToDate(Datastore store, Transaction transaction, ViewRun run) throws ViewFailedException {
        Materialised next = outdated.iterator().next();
        if (pinned.contains(next.key)) {
            evaluate(store, transaction, run, next);
        } else {
            drop(store, next);
        }
        refresh(store, transaction, run);
    }

    /** Gives up, in the open transaction, the one that {@link #bringUpToDate} could not evaluate. */
    void dropOutdated(Datastore store) {
        drop(store, outdated.iterator().next());
        outdateStale(store);
    }

    /** Those that were not evaluated in this transaction yet. A view may have read rows of another. */
    private Set<Materialised> stale(Datastore store) {
        Set<Materialised> stale = new LinkedHashSet<>();
        readers.collectStale(store, stale);
        stale.removeAll(evaluated.keySet());
        stale.removeAll(dropped);
        stale.removeAll(outdated);
        stale.removeAll(outdatedNow);
        return stale;
    }

    /** There is nobody to evaluate what the open transaction has made stale: what is subscribed to waits for somebody. */
    void outdateStale(Datastore store) {
        Set<Materialised> stale = stale(store);
        while (!stale.isEmpty()) {
            for (Materialised instance : stale) {
                if (pinned.contains(instance.key)) {
                    outdatedNow.add(instance);
                } else {
                    drop(store, instance);
                }
            }
            stale = stale(store);
        }
    }

    private void drop(Datastore store, Materialised instance) {
        store.views().drop(instance.tableId(), instance.argHash());
        dropped.add(instance);
    }

    private void remove(Materialised instance) {
        kept.remove(instance.key);
        outdated.remove(instance);
        ReadSet reads = instance.reads;
        if (reads != null) {
            readers.remove(instance, reads);
        }
    }

    /** The transaction has committed. */
    void keep() {
        readsBefore.clear();
        givenUp.clear();
        if (dropped.isEmpty() && outdatedNow.isEmpty() && evaluated.isEmpty()) {
            return;
        }
        givenUp.addAll(dropped);
        dropped.forEach(this::remove);
        dropped.clear();
        outdated.addAll(outdatedNow);
        outdatedNow.clear();
        evaluated.forEach((instance, reads) -> {
            readsBefore.put(instance, kept.containsKey(instance.key) ? instance.reads : null);
            hasRead(instance, reads);
            outdated.remove(instance);
            // Being evaluated again is not being asked for, which the order of what is kept tells.
            if (!kept.containsKey(instance.key)) {
                kept.put(instance.key, instance);
            }
        });
        evaluated.clear();
    }

    private void hasRead(Materialised instance, ReadSet reads) {
        ReadSet before = instance.reads;
        if (before != null) {
            readers.remove(instance, before);
        }
        instance.reads = reads;
        readers.add(instance, reads);
    }

    /** The newest commit was taken back, rows of views included, so that they are what was yielded before it. */
    void takeBack() {
        readsBefore.forEach((instance, reads) -> {
            if (reads == null) {
                remove(instance);
            } else {
                hasRead(instance, reads);
            }
        });
        for (Materialised instance : givenUp) {
            ReadSet reads = instance.reads;
            if (reads != null) {
                kept.put(instance.key, instance);
                readers.add(instance, reads);
            }
        }
        readsBefore.clear();
        givenUp.clear();
    }

    /** The transaction was rolled back. */
    void forget() {
        evaluated.clear();
        dropped.clear();
        outdatedNow.clear();
    }

    /** Rows that subscribers have seen of an instance. */
    private record Seen(Materialised instance, RowList rows) {}

    /** What subscribers have seen of the views of a program, on the way to the next. */
    static final class Carried {
        private final List<Seen> seen = new ArrayList<>();
    }

    /** What is subscribed to, before an update of the program. */
    Carried carry(Datastore store) {
        Carried carried = new Carried();
        if (pinned.isEmpty()) {
            return carried;
        }
        Transaction reads = store.begin();
        try {
            for (Materialised instance : kept.values()) {
                if (pinned.contains(instance.key)) {
                    RowList rows = store.views().rows(instance.tableId(), instance.argHash());
                    carried.seen.add(new Seen(instance, rows));
                }
            }
        } finally {
            reads.rollback();
        }
        return carried;
    }

    /**
     * Forgets what belongs to the old program. What subscribers have seen of views that the new one has too is kept, and
     * outdated.
     */
    void putDown(Carried carried, Datastore store, ModuleDef definition) {
        clear();
        if (carried.seen.isEmpty()) {
            return;
        }
        Transaction transaction = store.begin();
        for (Seen seen : carried.seen) {
            Materialised old = seen.instance();
            ViewDef view = definition.view(old.view.name()).orElse(null);
            if (view != null && view.isAnonymous() == old.view.isAnonymous()) {
                Materialised now = new Materialised(key(store, view, old.sender), view, old.sender);
                now.usedNanos = old.usedNanos;
                if (store.views().replace(now.tableId(), now.argHash(), seen.rows()) == StoreCode.OK) {
                    kept.put(now.key, now);
                    outdated.add(now);
                }
            }
        }
        transaction.commit();
    }

    /** The rows behind the views are gone, or will be. */
    void clear() {
        kept.clear();
        outdated.clear();
        readsBefore.clear();
        givenUp.clear();
        readers.clear();
        forget();
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
