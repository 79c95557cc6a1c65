package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.SystemRecords.Client;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SystemRecordsTest {
    private static final ModuleDef MODULE = module(aTable("t").column("id", Primitive.U64));
    private static final Identity ANN = Identity.derive("localhost", "ann");

    private static ConnectionId connection(int number) {
        return new ConnectionId(7, number);
    }

    /** What the host has written down, as simply as it can be. */
    private record Model(Map<Client, String> clients, OptionalLong limit) {}

    @Property(tries = 200)
    void whatIsWrittenDownFollowsItsTransactionsAndItsDeltas(
            @ForAll @Size(max = 80) List<@IntRange(max = 99) Integer> steps) {
        Datastore store = Datastore.create(MODULE);
        Datastore replica = Datastore.create(MODULE);
        Model now = new Model(new HashMap<>(), OptionalLong.empty());
        Model committed = now;
        Transaction transaction = store.begin();
        for (int step : steps) {
            int who = step % 5;
            Client client = new Client(Identity.derive("localhost", "user" + who / 2), connection(who));
            switch (step / 10) {
                case 0 -> {
                    transaction.rollback();
                    now = committed;
                    transaction = store.begin();
                }
                case 1, 2 -> {
                    replica.apply(transaction.commit());
                    committed = now;
                    transaction = store.begin();
                }
                case 3 -> {
                    int code = store.records().setRowLimit(who);
                    boolean isRefused = now.limit.isPresent() && now.limit.getAsLong() != who;
                    assertEquals(isRefused ? StoreCode.UNIQUE_ALREADY_EXISTS : StoreCode.OK, code);
                    now = isRefused ? now : new Model(now.clients, OptionalLong.of(who));
                }
                case 4 -> {
                    assertEquals(now.limit.isPresent(), store.records().clearRowLimit());
                    now = new Model(now.clients, OptionalLong.empty());
                }
                case 5, 6 -> {
                    Map<Client, String> fewer = new HashMap<>(now.clients);
                    boolean wasThere = fewer.remove(client) != null;
                    assertEquals(wasThere, store.records().disconnect(client.identity(), client.connection()));
                    now = new Model(fewer, now.limit);
                }
                default -> {
                    String claims = "{\"step\":" + step + "}";
                    Map<Client, String> more = new HashMap<>(now.clients);
                    boolean isNew = more.putIfAbsent(client, claims) == null;
                    assertEquals(isNew, store.records().connect(client.identity(), client.connection(), claims));
                    now = new Model(more, now.limit);
                }
            }
            check(now, store);
        }
        replica.apply(transaction.commit());
        for (Datastore each : List.of(store, replica)) {
            Transaction reading = each.begin();
            check(now, each);
            reading.rollback();
        }
    }

    private static void check(Model model, Datastore store) {
        assertEquals(model.clients.keySet(), new HashSet<>(store.records().clients()));
        assertEquals(model.limit, store.records().rowLimit());
        for (int who = 0; who < 5; who++) {
            ConnectionId connection = connection(who);
            Optional<String> claims = model.clients.entrySet().stream()
                    .filter(entry -> entry.getKey().connection().equals(connection))
                    .map(Map.Entry::getValue)
                    .findFirst();
            assertEquals(claims, store.records().claims(connection));
        }
    }

    @Test
    void outsideATransactionNothingIsWrittenDown() {
        SystemRecords records = Datastore.create(MODULE).records();

        assertThrows(IllegalStateException.class, () -> records.connect(ANN, connection(1), "{}"));
        assertThrows(IllegalStateException.class, () -> records.disconnect(ANN, connection(1)));
        assertThrows(IllegalStateException.class, () -> records.setRowLimit(1));
        assertThrows(IllegalStateException.class, records::clients);
        assertThrows(IllegalStateException.class, records::rowLimit);
    }

    @Test
    void connectionsOutliveAnUpdateAndBelongToWhatADatabaseIsMadeOf() {
        Datastore store = Datastore.create(MODULE);
        try (FrozenView before = store.freeze("test")) {
            assertEquals(
                    List.of("t"), before.tables().stream().map(TableInfo::name).toList());
        }
        Transaction connecting = store.begin();
        assertTrue(store.records().connect(ANN, connection(1), "{}"));
        Delta delta = connecting.commit();

        store.tryUpdate(
                module(aTable("t").column("id", Primitive.U64), aTable("u").column("id", Primitive.U64)));

        assertEquals(
                List.of(7, 11),
                delta.tables().stream().map(Delta.TableDelta::tableId).toList());
        assertFalse(delta.isEmpty());
        Transaction reading = store.begin();
        assertEquals(List.of(new Client(ANN, connection(1))), store.records().clients());
        reading.rollback();
        try (FrozenView view = store.freeze("test")) {
            assertEquals(
                    List.of("st_client", "st_connection_credentials", "t", "u"),
                    view.tables().stream().map(TableInfo::name).toList());
            assertEquals(1, view.reader().rowCount(7));
        }
    }

    @Test
    void aDeltaCannotWriteWhatFollowsFromTheDefinition() {
        Datastore store = Datastore.create(MODULE);
        RowList row = new RowList();
        row.row(new byte[4], 0, 4);
        Delta delta = new Delta(List.of(new Delta.TableDelta(SystemSchema.ST_EVENT_TABLE, row, new RowList())));

        assertThrows(IllegalStateException.class, () -> store.apply(delta));
    }
}
