package io.pinion.modules;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A store in maps, slow and plain, for tests of engines alone: it answers as the ABI says, with one kind of range only,
 * that without any bounds. Every transaction works on copies, so that a rollback has nothing to undo.
 */
public final class MapStore {
    private static final int FIRST_ID = 4096;

    private final List<Table> tables;
    private final List<Index> indexes = new ArrayList<>();

    public MapStore(ModuleDef definition) {
        List<TableDef> sorted = new ArrayList<>(definition.tables());
        sorted.sort(Comparator.comparing(TableDef::name));
        tables = new ArrayList<>();
        for (TableDef table : sorted) {
            tables.add(new Table(table));
            table.indexes().forEach(index -> indexes.add(new Index(tables.size() - 1, index)));
        }
    }

    public MapTransaction begin() {
        return new MapTransaction();
    }

    /** The rows of a table as the last commit left them. */
    public List<Bytes> rows(String table) {
        return List.copyOf(find(table).rows);
    }

    private Table find(String name) {
        return tables.stream()
                .filter(table -> table.definition.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no table " + name));
    }

    private static final class Table {
        final TableDef definition;
        Set<Bytes> rows = new LinkedHashSet<>();
        long sequence;

        Table(TableDef definition) {
            this.definition = definition;
        }

        /** Where each column starts, and where the row ends. */
        int[] offsets(byte[] bytes, int offset, int length) {
            BsatnReader reader = new BsatnReader(bytes, offset, length);
            int[] offsets = new int[definition.columns().size() + 1];
            for (int i = 0; i < definition.columns().size(); i++) {
                offsets[i] = reader.position() - offset;
                skip(reader, definition.columns().get(i).type());
            }
            offsets[offsets.length - 1] = reader.position() - offset;
            return offsets;
        }

        Bytes key(Bytes row, List<Integer> columns) {
            int[] offsets = offsets(row.unsafeArray(), 0, row.length());
            BsatnWriter key = new BsatnWriter();
            for (int column : columns) {
                key.writeRaw(row.unsafeArray(), offsets[column], offsets[column + 1] - offsets[column]);
            }
            return key.toBytes();
        }
    }

    private record Index(int table, IndexDef definition) {}

    private static void skip(BsatnReader reader, AlgebraicType type) {
        switch (type) {
            case AlgebraicType.Ref ref -> throw new AssertionError("column types are inlined, not " + ref);
            case AlgebraicType.Sum sum ->
                skip(
                        reader,
                        sum.variants()
                                .get(reader.readTag(sum.variants().size(), "sum"))
                                .type());
            case AlgebraicType.Product product -> product.elements().forEach(element -> skip(reader, element.type()));
            case AlgebraicType.Array array -> {
                long count = reader.readCount();
                for (long i = 0; i < count; i++) {
                    skip(reader, array.element());
                }
            }
            case AlgebraicType.Primitive primitive -> {
                if (primitive == AlgebraicType.Primitive.STRING) {
                    reader.readString();
                } else {
                    reader.skip(width(primitive));
                }
            }
        }
    }

    private static int width(AlgebraicType.Primitive primitive) {
        return switch (primitive) {
            case STRING -> throw new AssertionError("a string has no width");
            case BOOL, I8, U8 -> 1;
            case I16, U16 -> 2;
            case I32, U32, F32 -> 4;
            case I64, U64, F64 -> 8;
            case I128, U128 -> 16;
            case I256, U256 -> 32;
        };
    }

    /** One transaction; its changes show in {@link MapStore#rows} once it is committed. */
    public final class MapTransaction implements Transaction {
        private final List<Set<Bytes>> rows = new ArrayList<>();
        private boolean open = true;

        private MapTransaction() {
            tables.forEach(table -> rows.add(new LinkedHashSet<>(table.rows)));
        }

        @Override
        public int tableId(String name) {
            for (int i = 0; i < tables.size(); i++) {
                if (tables.get(i).definition.name().equals(name)) {
                    return FIRST_ID + i;
                }
            }
            return -StoreCode.NO_SUCH_TABLE;
        }

        @Override
        public int indexId(String name) {
            for (int i = 0; i < indexes.size(); i++) {
                if (indexes.get(i).definition().name().equals(name)) {
                    return FIRST_ID + i;
                }
            }
            return -StoreCode.NO_SUCH_INDEX;
        }

        private boolean isTable(int id) {
            return id >= FIRST_ID && id < FIRST_ID + tables.size();
        }

        private boolean isIndex(int id) {
            return id >= FIRST_ID && id < FIRST_ID + indexes.size();
        }

        @Override
        public long rowCount(int tableId) {
            return isTable(tableId) ? rows.get(tableId - FIRST_ID).size() : -StoreCode.NO_SUCH_TABLE;
        }

        @Override
        public int scanTable(int tableId, RowSink sink) {
            if (!isTable(tableId)) {
                return StoreCode.NO_SUCH_TABLE;
            }
            rows.get(tableId - FIRST_ID).forEach(row -> sink.row(row.unsafeArray(), 0, row.length()));
            return StoreCode.OK;
        }

        @Override
        public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
            if (!isIndex(indexId)) {
                return StoreCode.NO_SUCH_INDEX;
            }
            matches(indexId, Bytes.copyOf(bytes, pointOffset, pointLength))
                    .forEach(row -> sink.row(row.unsafeArray(), 0, row.length()));
            return StoreCode.OK;
        }

        private List<Bytes> matches(int indexId, Bytes key) {
            Index index = indexes.get(indexId - FIRST_ID);
            Table table = tables.get(index.table());
            return rows.get(index.table()).stream()
                    .filter(row -> table.key(row, index.definition().columns()).equals(key))
                    .toList();
        }

        @Override
        public int scanRange(int indexId, IndexRange range, RowSink sink) {
            if (!isIndex(indexId)) {
                return StoreCode.NO_SUCH_INDEX;
            }
            assertUnbounded(range);
            rows.get(indexes.get(indexId - FIRST_ID).table())
                    .forEach(row -> sink.row(row.unsafeArray(), 0, row.length()));
            return StoreCode.OK;
        }

        private static void assertUnbounded(IndexRange range) {
            boolean unbounded = range.prefixElements() == 0
                    && range.bytes()[range.startOffset()] == 2
                    && range.bytes()[range.endOffset()] == 2;
            if (!unbounded) {
                throw new AssertionError("this store knows unbounded ranges only");
            }
        }

        @Override
        public long deletePoint(int indexId, byte[] bytes, int pointOffset, int pointLength) {
            if (!isIndex(indexId)) {
                return -StoreCode.NO_SUCH_INDEX;
            }
            List<Bytes> matches = matches(indexId, Bytes.copyOf(bytes, pointOffset, pointLength));
            matches.forEach(rows.get(indexes.get(indexId - FIRST_ID).table())::remove);
            return matches.size();
        }

        @Override
        public long deleteRange(int indexId, IndexRange range) {
            if (!isIndex(indexId)) {
                return -StoreCode.NO_SUCH_INDEX;
            }
            assertUnbounded(range);
            return clear(FIRST_ID + indexes.get(indexId - FIRST_ID).table());
        }

        @Override
        public long deleteAllByEq(int tableId, byte[] bytes, int offset, int length) {
            if (!isTable(tableId)) {
                return -StoreCode.NO_SUCH_TABLE;
            }
            Table table = tables.get(tableId - FIRST_ID);
            BsatnReader count = new BsatnReader(bytes, offset, length);
            int at = offset + 4;
            long deleted = 0;
            for (long left = count.readCount(); left > 0; left--) {
                int[] offsets = table.offsets(bytes, at, offset + length - at);
                int rowLength = offsets[offsets.length - 1];
                deleted += rows.get(tableId - FIRST_ID).remove(Bytes.copyOf(bytes, at, rowLength)) ? 1 : 0;
                at += rowLength;
            }
            return deleted;
        }

        @Override
        public long clear(int tableId) {
            if (!isTable(tableId)) {
                return -StoreCode.NO_SUCH_TABLE;
            }
            Set<Bytes> all = rows.get(tableId - FIRST_ID);
            long count = all.size();
            all.clear();
            return count;
        }

        @Override
        public int insert(int tableId, byte[] bytes, int offset, int length, BsatnWriter generated) {
            if (!isTable(tableId)) {
                return StoreCode.NO_SUCH_TABLE;
            }
            Bytes row = generate(tables.get(tableId - FIRST_ID), bytes, offset, length, generated);
            Set<Bytes> existing = rows.get(tableId - FIRST_ID);
            if (existing.contains(row)) {
                return StoreCode.OK;
            }
            for (int i = 0; i < indexes.size(); i++) {
                Index index = indexes.get(i);
                if (index.table() == tableId - FIRST_ID && index.definition().isUnique()) {
                    Bytes key = tables.get(index.table())
                            .key(row, index.definition().columns());
                    if (!matches(FIRST_ID + i, key).isEmpty()) {
                        return StoreCode.UNIQUE_ALREADY_EXISTS;
                    }
                }
            }
            existing.add(row);
            return StoreCode.OK;
        }

        private Bytes generate(Table table, byte[] bytes, int offset, int length, BsatnWriter generated) {
            int[] offsets = table.offsets(bytes, offset, length);
            byte[] row = Arrays.copyOfRange(bytes, offset, offset + offsets[offsets.length - 1]);
            for (SequenceDef sequence : table.definition.sequences()) {
                int from = offsets[sequence.column()];
                int to = offsets[sequence.column() + 1];
                if (isZero(row, from, to)) {
                    BsatnWriter value = new BsatnWriter().writeLong(++table.sequence);
                    System.arraycopy(value.buffer(), 0, row, from, to - from);
                    generated.writeRaw(value.buffer(), 0, to - from);
                }
            }
            return Bytes.wrap(row);
        }

        private static boolean isZero(byte[] bytes, int from, int to) {
            for (int i = from; i < to; i++) {
                if (bytes[i] != 0) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int update(int tableId, int indexId, byte[] bytes, int offset, int length, BsatnWriter generated) {
            if (!isIndex(indexId)) {
                return StoreCode.NO_SUCH_INDEX;
            }
            Index index = indexes.get(indexId - FIRST_ID);
            if (!index.definition().isUnique()) {
                return StoreCode.INDEX_NOT_UNIQUE;
            }
            Table table = tables.get(tableId - FIRST_ID);
            Bytes row = generate(table, bytes, offset, length, generated);
            List<Bytes> old = matches(indexId, table.key(row, index.definition().columns()));
            if (old.isEmpty()) {
                return StoreCode.NO_SUCH_ROW;
            }
            rows.get(tableId - FIRST_ID).removeAll(Set.copyOf(old));
            rows.get(tableId - FIRST_ID).add(row);
            return StoreCode.OK;
        }

        @Override
        public Delta commit() {
            end();
            for (int i = 0; i < tables.size(); i++) {
                tables.get(i).rows = rows.get(i);
            }
            return Delta.EMPTY;
        }

        @Override
        public void rollback() {
            end();
        }

        private void end() {
            if (!open) {
                throw new AssertionError("the transaction has ended already");
            }
            open = false;
        }

        @Override
        public boolean isOpen() {
            return open;
        }
    }
}
