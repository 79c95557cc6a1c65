package io.pinion.bench;

import io.pinion.store.query.Caller;
import io.pinion.store.query.DatastoreCatalog;
import io.pinion.store.query.QueryPlans;
import io.pinion.store.query.ScanLimit;
import io.pinion.store.query.SelectPlan;
import io.pinion.store.query.SubscriptionPlan;
import io.pinion.store.query.SubscriptionSet;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import io.pinion.store.value.Typespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** People and their orders in Pinion's store. */
final class Shop {
    static final int CITIES = 100;
    static final int AGES = 90;
    private static final Caller OWNER = new Caller(Identity.ZERO, true);

    private final Datastore store = Datastore.create(module());
    private final QueryPlans plans = new QueryPlans(new DatastoreCatalog(store));
    private final SubscriptionSet subscriptions = new SubscriptionSet();
    private final BsatnWriter row = new BsatnWriter();
    private final BsatnWriter generated = new BsatnWriter();
    private int birthdays;

    /** Twice as many orders. */
    Shop(int people) {
        Transaction transaction = store.begin();
        for (int id = 0; id < people; id++) {
            insert(transaction, "person", person(id, id % AGES));
        }
        for (int id = 0; id < 2 * people; id++) {
            row.reset();
            insert(
                    transaction,
                    "purchase",
                    row.writeInt(id).writeInt(buyer(id, people)).writeLong(id));
        }
        transaction.commit();
    }

    static String city(int person) {
        return "c" + person % CITIES;
    }

    static int buyer(int order, int people) {
        return (int) (order * 7919L % people);
    }

    private static ModuleDef module() {
        TableDef person = table(
                "person",
                List.of("id", "city", "age"),
                List.of(Primitive.U32, Primitive.STRING, Primitive.U32),
                List.of(unique("person_id", 0), index("person_city", 1)));
        TableDef purchase = table(
                "purchase",
                List.of("id", "person_id", "price"),
                List.of(Primitive.U32, Primitive.U32, Primitive.I64),
                List.of(unique("purchase_id", 0), index("purchase_person", 1)));
        return new ModuleDef(
                10,
                Typespace.EMPTY,
                List.of(),
                List.of(person, purchase),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Bytes.EMPTY);
    }

    private static IndexDef unique(String name, int column) {
        return new IndexDef(name, name, Optional.empty(), IndexAlgorithm.BTREE, List.of(column), true);
    }

    private static IndexDef index(String name, int column) {
        return new IndexDef(name, name, Optional.empty(), IndexAlgorithm.BTREE, List.of(column), false);
    }

    private static TableDef table(
            String name, List<String> columns, List<? extends AlgebraicType> types, List<IndexDef> indexes) {
        List<ColumnDef> defs = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            defs.add(new ColumnDef(columns.get(i), columns.get(i), types.get(i)));
        }
        return new TableDef(
                name,
                name,
                0,
                defs,
                OptionalInt.of(0),
                indexes,
                List.of(new UniqueConstraintDef(name + "_key", List.of(0))),
                List.of(),
                Optional.empty(),
                TableAccess.PUBLIC,
                false,
                Map.of());
    }

    private BsatnWriter person(int id, int age) {
        row.reset();
        return row.writeInt(id).writeString(city(id)).writeInt(age);
    }

    private void insert(Transaction transaction, String table, BsatnWriter values) {
        generated.reset();
        int code = transaction.insert(store.tableId(table), values.buffer(), 0, values.length(), generated);
        StoreSubject.require(code == StoreCode.OK, "insert");
    }

    /** Runs a query from its text; how many bytes its rows have, for a count the count. */
    long run(String sql) {
        SelectPlan plan = (SelectPlan) plans.plan(sql, plans.tables(), OWNER);
        Transaction transaction = store.begin();
        long[] sum = new long[1];
        try {
            plan.execute(transaction, ScanLimit.none(), (_, _, length) -> sum[0] += length);
        } finally {
            transaction.rollback();
        }
        return sum[0];
    }

    /** How many rows it has. */
    long count(String sql) {
        SelectPlan plan = (SelectPlan) plans.plan(sql, plans.tables(), OWNER);
        Transaction transaction = store.begin();
        try {
            return plan.execute(transaction, ScanLimit.none(), (_, _, _) -> {});
        } finally {
            transaction.rollback();
        }
    }

    void subscribe(String sql) {
        subscriptions.add(SubscriptionPlan.compile(sql, plans.tables(), OWNER));
    }

    /** How often a subscription has been evaluated for a commit so far. */
    long evaluations() {
        return subscriptions.evaluations();
    }

    /** Gives a person an age that nobody had. */
    Delta birthday(int id) {
        Transaction transaction = store.begin();
        BsatnWriter values = person(id, AGES + birthdays++);
        generated.reset();
        int code = transaction.update(
                store.tableId("person"), store.indexId("person_id"), values.buffer(), 0, values.length(), generated);
        StoreSubject.require(code == StoreCode.OK, "update");
        return transaction.commit();
    }

    /** Brings the subscriptions up to date; how many have changed. */
    int evaluate(Delta delta) {
        Transaction transaction = store.begin();
        try {
            return subscriptions.onCommit(delta, transaction).size();
        } finally {
            transaction.rollback();
        }
    }
}
