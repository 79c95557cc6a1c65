package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.hex;
import static io.pinion.store.tx.Fixtures.insert;
import static io.pinion.store.tx.Fixtures.module;
import static io.pinion.store.tx.Fixtures.point;
import static io.pinion.store.tx.Fixtures.row;
import static io.pinion.store.tx.Fixtures.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.value.AlgebraicType.Primitive;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatastoreTest {
    @Test
    void insertedRowsAreThereAfterTheCommitAndGoneAfterARollback() {
        Datastore store = Datastore.create(module(aTable("person")
                .column("id", Primitive.U64)
                .column("name", Primitive.STRING)
                .unique(IndexAlgorithm.BTREE, 0)));
        int table = store.tableId("person");
        int index = store.indexId("person_idx_0");

        Transaction first = store.begin();
        assertEquals(StoreCode.OK, insert(first, table, row().writeLong(7).writeString("Ada")));
        Delta delta = first.commit();
        Transaction second = store.begin();
        assertEquals(StoreCode.OK, insert(second, table, row().writeLong(8).writeString("Bob")));
        second.rollback();

        String ada = hex(row().writeLong(7).writeString("Ada"));
        assertEquals(List.of(ada), hex(delta.tables().getFirst().inserts()));
        Transaction third = store.begin();
        assertEquals(List.of(ada), rows(third, table));
        assertEquals(List.of(ada), point(third, index, row().writeLong(7)));
        assertEquals(List.of(), point(third, index, row().writeLong(8)));
    }
}
