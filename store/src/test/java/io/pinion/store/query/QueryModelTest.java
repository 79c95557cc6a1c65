package io.pinion.store.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.query.QueryModel.Output;
import io.pinion.store.query.QueryModel.Query;
import io.pinion.store.query.QueryModel.Table;
import io.pinion.store.query.SubscriptionSet.Evaluated;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.Delta.TableDelta;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Whatever the tables, the transactions and the queries: a plan yields what nested loops over decoded rows yield, on what a
 * transaction sees and on a frozen view; and a subscription's first result with every change since is the result from
 * scratch after each commit.
 */
class QueryModelTest {
    private static final int BYTES_MAX = 1 << 20;
    private static final List<Output> OUTPUTS = List.of(Output.values());
    private static final Caller OWNER = new Caller(QueryModel.ANN, true);
    private static final Caller STRANGER = new Caller(QueryModel.BOB, false);

    private static final AtomicInteger SUBSCRIBED = new AtomicInteger();
    private static final AtomicInteger JOINED = new AtomicInteger();
    private static final AtomicInteger CHANGED = new AtomicInteger();
    private static final AtomicInteger RANGED = new AtomicInteger();

    @Property(tries = 300)
    void everyPlanYieldsWhatTheQueryMeans(@ForAll long seed) throws InvalidModuleDefException {
        new Run(new Random(seed)).run();
    }

    @Tag("slow")
    @Property(tries = 20_000)
    void everyPlanYieldsWhatTheQueryMeansForLong(@ForAll long seed) throws InvalidModuleDefException {
        new Run(new Random(seed)).run();
    }

    /** A model that never gets to the interesting cases proves nothing. */
    @AfterContainer
    static void theInterestingCasesWereThere() {
        assertTrue(SUBSCRIBED.get() > 300, "subscriptions: " + SUBSCRIBED);
        assertTrue(JOINED.get() > 100, "subscribed joins: " + JOINED);
        assertTrue(CHANGED.get() > 1000, "changes: " + CHANGED);
        assertTrue(RANGED.get() > 50, "ranges: " + RANGED);
    }

    /** One subscription as a client has it. */
    private record Live(Query query, Caller caller, SubscriptionPlan plan, List<Bytes> rows) {}

    private static final class Run {
        private final Random random;
        private final QueryModel model;
        private final Datastore store;
        private final SubscriptionSet set = new SubscriptionSet();
        private final Map<SubscriptionPlan, Live> live = new LinkedHashMap<>();

        Run(Random random) throws InvalidModuleDefException {
            this.random = random;
            this.model = new QueryModel(random);
            this.store = Datastore.create(model.module());
        }

        void run() {
            for (int round = 0; round < 6; round++) {
                change(round == 0 ? 25 : 8);
                subscribe();
                query();
                unsubscribe();
            }
        }

        private Caller caller() {
            return random.nextInt(3) == 0 ? OWNER : STRANGER;
        }

        private List<Bytes> stored(Table table, RowSource rows) {
            List<Bytes> all = new ArrayList<>();
            rows.scanTable(
                    store.tableId(table.name()),
                    (bytes, offset, length) -> all.add(Bytes.copyOf(bytes, offset, length)));
            return all;
        }

        // Changes

        private void change(int count) {
            Transaction transaction = store.begin();
            for (int i = 0; i < count; i++) {
                Table table = model.tables().get(random.nextInt(model.tables().size()));
                int id = store.tableId(table.name());
                List<Bytes> rows = stored(table, transaction);
                if (random.nextInt(3) > 0 || rows.isEmpty()) {
                    Bytes row = table.bytes(table.random(random));
                    transaction.insert(id, row.unsafeArray(), 0, row.length(), new BsatnWriter());
                } else {
                    Bytes row = rows.get(random.nextInt(rows.size()));
                    BsatnWriter list = new BsatnWriter().writeInt(1).writeRaw(row);
                    transaction.deleteAllByEq(id, list.buffer(), 0, list.length());
                }
            }
            follow(transaction.commit());
        }

        private void follow(Delta delta) {
            try (FrozenView view = store.freeze("test")) {
                Transaction transaction = store.begin();
                RowSource reads = random.nextBoolean() ? view.reader() : transaction;
                List<Evaluated> all = set.onCommit(delta, reads);
                Map<SubscriptionPlan, List<RowsChange>> changes = new HashMap<>();
                for (Evaluated evaluated : all) {
                    Evaluated.Changed one = (Evaluated.Changed) evaluated;
                    changes.put(one.plan(), one.changes());
                    CHANGED.incrementAndGet();
                }
                live.forEach((plan, subscription) -> {
                    List<RowsChange> alone = plan.onCommit(delta, view.reader());
                    List<RowsChange> together = changes.get(plan);
                    check(delta, subscription, together == null ? List.of() : together, alone, view.reader());
                });
                transaction.rollback();
            }
        }

        private void check(
                Delta delta, Live subscription, List<RowsChange> together, List<RowsChange> alone, RowSource now) {
            String what = subscription.query().sql();
            List<Bytes> inserts = rows(together, RowsChange::inserts);
            List<Bytes> deletes = rows(together, RowsChange::deletes);
            assertEquals(sorted(rows(alone, RowsChange::inserts)), sorted(inserts), what);
            assertEquals(sorted(rows(alone, RowsChange::deletes)), sorted(deletes), what);
            Table returned =
                    subscription.query().sources().get(subscription.query().returned());
            if (returned.isEvent()) {
                assertEquals(List.of(), deletes, what);
                assertEquals(sorted(expected(subscription, events(delta, now))), sorted(inserts), what);
                return;
            }
            for (Bytes row : deletes) {
                assertTrue(subscription.rows().remove(row), () -> what + " deletes what is not there: " + row);
            }
            subscription.rows().addAll(inserts);
            assertEquals(
                    sorted(expected(subscription, table -> stored(table, now))), sorted(subscription.rows()), what);
        }

        private List<Bytes> expected(Live subscription, Function<Table, List<Bytes>> stored) {
            return model.evaluate(subscription.query(), subscription.caller(), stored);
        }

        /** As if the events of the commit were in their table. */
        private Function<Table, List<Bytes>> events(Delta delta, RowSource now) {
            return table -> {
                if (!table.isEvent()) {
                    return stored(table, now);
                }
                List<Bytes> events = new ArrayList<>();
                for (TableDelta changes : delta.tables()) {
                    if (changes.tableId() == store.tableId(table.name())) {
                        events.addAll(rows(changes.inserts()));
                    }
                }
                return events;
            };
        }

        private static List<Bytes> rows(List<RowsChange> changes, Function<RowsChange, RowList> part) {
            return changes.stream()
                    .flatMap(change -> rows(part.apply(change)).stream())
                    .toList();
        }

        private static List<Bytes> rows(RowList list) {
            List<Bytes> rows = new ArrayList<>();
            for (int i = 0; i < list.count(); i++) {
                rows.add(list.get(i));
            }
            return rows;
        }

        private static List<Bytes> sorted(List<Bytes> rows) {
            return rows.stream().sorted(Comparator.comparing(Bytes::toHex)).toList();
        }

        // Subscriptions

        private void subscribe() {
            for (int i = 0; i < 4; i++) {
                Query query = model.query(1 + random.nextInt(2), 2, Output.WHOLE);
                Caller caller = caller();
                SubscriptionPlan plan;
                try {
                    plan = SubscriptionPlan.compile(query.sql(), new DatastoreCatalog(store), caller);
                } catch (SqlException e) {
                    requireJoin(query, e);
                    continue;
                }
                if (set.add(plan) != plan) {
                    continue;
                }
                begin(query, caller, plan);
            }
        }

        /** Of what the model makes, subscriptions refuse joins alone: without index, of too many tables, of events. */
        private void requireJoin(Query query, SqlException refusal) {
            String message = String.valueOf(refusal.getMessage());
            boolean isKnown = message.contains("needs an index")
                    || message.contains("reads one or two tables")
                    || message.contains("cannot be looked up");
            assertTrue(isKnown, () -> query.sql() + ": " + message);
        }

        private void begin(Query query, Caller caller, SubscriptionPlan plan) {
            SUBSCRIBED.incrementAndGet();
            boolean isJoin = plan.fragments().stream()
                    .anyMatch(each -> each.select().tables().size() == 2);
            JOINED.addAndGet(isJoin ? 1 : 0);
            try (FrozenView view = store.freeze("test")) {
                List<Bytes> rows = new ArrayList<>();
                plan.initial(view.reader(), ScanLimit.none(), BYTES_MAX).forEach(list -> rows.addAll(rows(list)));
                Live subscription = new Live(query, caller, plan, rows);
                live.put(plan, subscription);
                assertEquals(
                        sorted(expected(subscription, table -> stored(table, view.reader()))),
                        sorted(rows),
                        () -> query.sql() + " by " + plan.describe());
            }
        }

        private void unsubscribe() {
            for (SubscriptionPlan plan : List.copyOf(live.keySet())) {
                if (random.nextInt(5) == 0) {
                    live.remove(plan);
                    set.remove(plan);
                }
            }
            assertEquals(live.size(), set.size());
        }

        // Queries

        private void query() {
            try (FrozenView view = store.freeze("test")) {
                Transaction open = store.begin();
                for (int i = 0; i < 6; i++) {
                    Output output = OUTPUTS.get(random.nextInt(OUTPUTS.size()));
                    Query query = model.query(1 + random.nextInt(3), 2, output);
                    Caller caller = caller();
                    compare(query, caller, new DatastoreCatalog(view), view.reader());
                    compare(query, caller, new DatastoreCatalog(store), open);
                }
                open.rollback();
            }
        }

        private void compare(Query query, Caller caller, Catalog catalog, RowSource reads) {
            SelectPlan plan = (SelectPlan) SqlPlanner.plan(query.sql(), catalog, caller);
            boolean isRange =
                    plan.describe().contains("range") || plan.describe().contains("prefix");
            RANGED.addAndGet(isRange ? 1 : 0);
            List<Bytes> rows = new ArrayList<>();
            plan.execute(
                    reads, ScanLimit.none(), (bytes, offset, length) -> rows.add(Bytes.copyOf(bytes, offset, length)));
            List<Bytes> expected = new ArrayList<>(model.evaluate(query, caller, table -> stored(table, reads)));
            String what = query.sql() + " by " + plan.describe();
            if (query.limit() < 0) {
                assertEquals(sorted(expected), sorted(rows), what);
                return;
            }
            assertEquals(Math.min(query.limit(), expected.size()), rows.size(), what);
            rows.forEach(row -> assertTrue(expected.remove(row), what));
        }
    }
}
