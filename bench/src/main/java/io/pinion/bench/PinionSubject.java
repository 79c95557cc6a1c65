package io.pinion.bench;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Typespace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Pinion's store as a reducer uses it: rows and keys are BSATN in the guest's buffer, rows found are copied into it. */
final class PinionSubject implements StoreSubject {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int TABLE = Datastore.FIRST_ID;
    private static final int BY_ID = Datastore.FIRST_ID;
    private static final int ROW_BYTES_MAX = 1000;
    private static final long NOW_MICROS = 1_700_000_000_000_000L;

    private final Datastore store;
    private final Bytes name;
    private final Bytes payload;
    private final BsatnWriter row = new BsatnWriter();
    private final BsatnWriter key = new BsatnWriter();
    private final BsatnWriter generated = new BsatnWriter();
    private final IndexRange range = new IndexRange();
    private final Guest guest = new Guest();
    private @Nullable Transaction transaction;

    /** Takes rows as a guest does, each into the same place, and adds up their balances. */
    private static final class Guest implements RowSink {
        private final byte[] memory = new byte[ROW_BYTES_MAX];
        private long total;
        private long rows;

        @Override
        public void row(byte[] bytes, int offset, int length) {
            System.arraycopy(bytes, offset, memory, 0, length);
            total += (long) LONG.get(memory, Integer.BYTES);
            rows++;
        }

        void reset() {
            total = 0;
            rows = 0;
        }
    }

    /** @param algorithm of the primary key's index; no index if it is empty */
    PinionSubject(Optional<IndexAlgorithm> algorithm, int width) {
        this.store = Datastore.create(module(algorithm, StoreRow.columns(width)));
        this.name = StoreRow.name(width);
        this.payload = StoreRow.payload(width);
    }

    private static ModuleDef module(Optional<IndexAlgorithm> algorithm, AlgebraicType[] types) {
        List<ColumnDef> columns = IntStream.range(0, types.length)
                .mapToObj(i -> new ColumnDef("c" + i, "c" + i, types[i]))
                .toList();
        List<IndexDef> indexes = algorithm.stream()
                .map(kind -> new IndexDef("by_id", "by_id", Optional.empty(), kind, List.of(0), true))
                .toList();
        List<UniqueConstraintDef> constraints = algorithm.stream()
                .map(_ -> new UniqueConstraintDef("one_id", List.of(0)))
                .toList();
        TableDef table = new TableDef(
                "account",
                "account",
                0,
                columns,
                algorithm.isPresent() ? OptionalInt.of(0) : OptionalInt.empty(),
                indexes,
                constraints,
                List.of(),
                Optional.empty(),
                TableAccess.PRIVATE,
                false,
                Map.of());
        return new ModuleDef(
                10,
                Typespace.EMPTY,
                List.of(),
                List.of(table),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Bytes.EMPTY);
    }

    Datastore store() {
        return store;
    }

    private Transaction open() {
        if (transaction == null) {
            throw new IllegalStateException("no transaction is open");
        }
        return transaction;
    }

    @Override
    public void begin() {
        transaction = store.begin(NOW_MICROS, () -> false);
    }

    @Override
    public void commit() {
        open().commit();
    }

    @Override
    public void rollback() {
        open().rollback();
    }

    @Override
    public void insert(int[] ids, int from, int to) {
        Transaction now = open();
        for (int i = from; i < to; i++) {
            StoreRow.write(row, ids[i], ids[i], name, payload);
            int code = now.insert(TABLE, row.buffer(), 0, row.length(), generated);
            StoreSubject.require(code == StoreCode.OK, "insert");
        }
    }

    @Override
    public void update(int[] ids, int from, int to, long balance) {
        Transaction now = open();
        for (int i = from; i < to; i++) {
            StoreRow.write(row, ids[i], balance, name, payload);
            int code = now.update(TABLE, BY_ID, row.buffer(), 0, row.length(), generated);
            StoreSubject.require(code == StoreCode.OK, "update");
        }
    }

    @Override
    public void delete(int[] ids, int from, int to) {
        Transaction now = open();
        for (int i = from; i < to; i++) {
            key.reset();
            key.writeInt(ids[i]);
            StoreSubject.require(now.deletePoint(BY_ID, key.buffer(), 0, key.length()) == 1, "delete");
        }
    }

    @Override
    public long find(int[] ids, int from, int to) {
        Transaction now = open();
        guest.reset();
        for (int i = from; i < to; i++) {
            key.reset();
            key.writeInt(ids[i]);
            now.scanPoint(BY_ID, key.buffer(), 0, key.length(), guest);
        }
        StoreSubject.require(guest.rows == to - from, "find");
        return guest.total;
    }

    @Override
    public long range(int fromId, int toId) {
        key.reset();
        key.writeByte(0).writeInt(fromId).writeByte(1).writeInt(toId);
        range.prefix(key.buffer(), 0, 0, 0).start(0, 5).end(5, 5);
        guest.reset();
        StoreSubject.require(open().scanRange(BY_ID, range, guest) == StoreCode.OK && guest.rows > 0, "range");
        return guest.total;
    }

    @Override
    public long scan() {
        guest.reset();
        StoreSubject.require(open().scanTable(TABLE, guest) == StoreCode.OK && guest.rows > 0, "scan");
        return guest.total;
    }

    @Override
    public void close() {
        // The store is garbage as soon as nobody refers to it.
    }
}
