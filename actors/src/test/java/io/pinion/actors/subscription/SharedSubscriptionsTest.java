package io.pinion.actors.subscription;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.actors.subscription.ChangedRows.Format;
import io.pinion.store.query.DatastoreCatalog;
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
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.store.value.Typespace;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** What a commit costs when a thousand connections subscribe: how many queries are evaluated, how many rows encoded. */
class SharedSubscriptionsTest {
    private static final int CONNECTIONS = 1_000;

    private final Datastore store = Datastore.create(module());
    private final Subscriptions subscriptions = new Subscriptions();

    private static ModuleDef module() {
        TableDef scores = new TableDef(
                "scores",
                "scores",
                0,
                List.of(new ColumnDef("id", "id", Primitive.U32), new ColumnDef("score", "score", Primitive.I64)),
                OptionalInt.of(0),
                List.of(new IndexDef("by_id", "by_id", Optional.empty(), IndexAlgorithm.BTREE, List.of(0), true)),
                List.of(new UniqueConstraintDef("id_key", List.of(0))),
                List.of(),
                Optional.empty(),
                TableAccess.PUBLIC,
                false,
                Map.of());
        return new ModuleDef(
                10,
                Typespace.EMPTY,
                List.of(),
                List.of(scores),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Bytes.EMPTY);
    }

    private void subscribeAll(IntFunction<String> query) throws SubscriptionRefusedException {
        var view = new Subscriptions.View(new DatastoreCatalog(store), _ -> false, _ -> true);
        for (int i = 0; i < CONNECTIONS; i++) {
            ConnectionId connection = new ConnectionId(i, 1);
            subscriptions.connect(connection, new Identity(i, 0, 0, 1), false);
            subscriptions.register(subscriptions.prepare(connection, 1, SetKind.SET, List.of(query.apply(i)), view));
        }
    }

    private Subscriptions.Outcome commit(int id) {
        Transaction transaction = store.begin();
        BsatnWriter row = new BsatnWriter().writeInt(id).writeLong(7);
        assertEquals(
                StoreCode.OK,
                transaction.insert(store.tableId("scores"), row.buffer(), 0, row.length(), new BsatnWriter()));
        Delta delta = transaction.commit();
        Transaction reading = store.begin();
        try {
            return subscriptions.onCommit(delta, reading, _ -> true);
        } finally {
            reading.rollback();
        }
    }

    /** The rows that connections are told, each object once. */
    private static Set<ChangedRows> told(Subscriptions.Outcome outcome) {
        Set<ChangedRows> rows = Collections.newSetFromMap(new IdentityHashMap<>());
        outcome.changes().values().forEach(sets -> sets.forEach(set -> rows.addAll(set.rows())));
        return rows;
    }

    @Test
    void oneQueryIsEvaluatedAndItsRowsAreEncodedOnceForAll() throws SubscriptionRefusedException {
        subscribeAll(_ -> "SELECT * FROM scores WHERE score > 0");

        Subscriptions.Outcome outcome = commit(1);

        assertEquals(CONNECTIONS, outcome.changes().size());
        assertEquals(1, subscriptions.evaluations());
        assertEquals(1, told(outcome).size());
        AtomicInteger encodings = new AtomicInteger();
        outcome.changes().values().parallelStream()
                .forEach(sets -> sets.getFirst().rows().getFirst().encoded(Format.BSATN_V2, _ -> {
                    encodings.incrementAndGet();
                    return Bytes.EMPTY;
                }));
        assertEquals(1, encodings.get());
    }

    @Test
    void ofQueriesForOneRowEachOnlyThatOfTheRowIsEvaluated() throws SubscriptionRefusedException {
        subscribeAll(i -> "SELECT * FROM scores WHERE id = " + i);

        Subscriptions.Outcome outcome = commit(17);

        assertEquals(Set.of(new ConnectionId(17, 1)), outcome.changes().keySet());
        assertEquals(1, subscriptions.evaluations());
    }

    @Test
    void queriesThatDifferAreEvaluatedOneByOne() throws SubscriptionRefusedException {
        subscribeAll(i -> "SELECT * FROM scores WHERE id = 1 AND score > -" + i);

        Subscriptions.Outcome outcome = commit(1);

        assertEquals(CONNECTIONS, outcome.changes().size());
        assertEquals(CONNECTIONS, subscriptions.evaluations());
        assertEquals(CONNECTIONS, told(outcome).size());
    }
}
