package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Builds module definitions and rows by hand. */
final class Fixtures {
    private Fixtures() {}

    static ModuleDef module(TableBuilder... tables) {
        return moduleOf(List.of(tables).stream().map(TableBuilder::build).toArray(TableDef[]::new));
    }

    static ModuleDef moduleOf(TableDef... tables) {
        return new ModuleDef(
                10,
                Typespace.EMPTY,
                List.of(),
                List.of(tables),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Bytes.EMPTY);
    }

    static TableBuilder aTable(String name) {
        return new TableBuilder(name);
    }

    static BsatnWriter row() {
        return new BsatnWriter();
    }

    static int insert(Transaction transaction, int table, BsatnWriter row) {
        return transaction.insert(table, row.buffer(), 0, row.length(), new BsatnWriter());
    }

    static int update(Transaction transaction, int table, int index, BsatnWriter row) {
        return transaction.update(table, index, row.buffer(), 0, row.length(), new BsatnWriter());
    }

    static long deleteEqual(Transaction transaction, int table, BsatnWriter row) {
        BsatnWriter relation = row().writeInt(1).writeRaw(row.buffer(), 0, row.length());
        return transaction.deleteAllByEq(table, relation.buffer(), 0, relation.length());
    }

    /** All rows as hex, sorted. */
    static List<String> rows(RowSource source, int table) {
        List<String> rows = new ArrayList<>();
        assertOk(source.scanTable(table, collecting(rows)));
        rows.sort(null);
        return rows;
    }

    /** Rows as hex, in the order of the scan. */
    static List<String> point(RowSource source, int index, BsatnWriter key) {
        List<String> rows = new ArrayList<>();
        assertOk(source.scanPoint(index, key.buffer(), 0, key.length(), collecting(rows)));
        return rows;
    }

    /** Rows as hex, in the order of the scan. */
    static List<String> range(RowSource source, int index, IndexRange range) {
        List<String> rows = new ArrayList<>();
        assertOk(source.scanRange(index, range, collecting(rows)));
        return rows;
    }

    static RowSink collecting(List<String> rows) {
        return (bytes, offset, length) -> rows.add(HexFormat.of().formatHex(bytes, offset, offset + length));
    }

    static String hex(BsatnWriter row) {
        return row.toBytes().toHex();
    }

    static List<String> hex(RowList rows) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < rows.count(); i++) {
            all.add(rows.get(i).toHex());
        }
        all.sort(null);
        return all;
    }

    /** A range from the bytes of its three parts. */
    static IndexRange rangeOf(BsatnWriter prefix, int prefixElements, BsatnWriter start, BsatnWriter end) {
        BsatnWriter all = row().writeRaw(prefix.buffer(), 0, prefix.length())
                .writeRaw(start.buffer(), 0, start.length())
                .writeRaw(end.buffer(), 0, end.length());
        return new IndexRange()
                .prefix(all.buffer(), prefixElements, 0, prefix.length())
                .start(prefix.length(), start.length())
                .end(prefix.length() + start.length(), end.length());
    }

    static BsatnWriter included() {
        return row().writeByte(0);
    }

    static BsatnWriter excluded() {
        return row().writeByte(1);
    }

    static BsatnWriter unbounded() {
        return row().writeByte(2);
    }

    private static void assertOk(int code) {
        if (code != StoreCode.OK) {
            throw new AssertionError("the scan answered " + code);
        }
    }

    /** A table definition, private and without rows' names of its own unless told. */
    static final class TableBuilder {
        private final String name;
        private String sourceName;
        private final List<ColumnDef> columns = new ArrayList<>();
        private final List<IndexDef> indexes = new ArrayList<>();
        private final List<UniqueConstraintDef> constraints = new ArrayList<>();
        private final List<SequenceDef> sequences = new ArrayList<>();
        private final Map<Integer, Bytes> defaults = new HashMap<>();
        private Optional<ScheduleDef> schedule = Optional.empty();
        private TableAccess access = TableAccess.PRIVATE;
        private boolean isEvent;

        private TableBuilder(String name) {
            this.name = name;
            this.sourceName = name;
        }

        TableBuilder sourceName(String value) {
            sourceName = value;
            return this;
        }

        TableBuilder column(String column, AlgebraicType type) {
            columns.add(new ColumnDef(column, column, type));
            return this;
        }

        /** A column with a default. */
        TableBuilder column(String column, AlgebraicType type, String defaultHex) {
            defaults.put(columns.size(), Bytes.ofHex(defaultHex));
            return column(column, type);
        }

        TableBuilder index(IndexAlgorithm algorithm, Integer... positions) {
            return index(false, algorithm, positions);
        }

        TableBuilder unique(IndexAlgorithm algorithm, Integer... positions) {
            return index(true, algorithm, positions);
        }

        private TableBuilder index(boolean isUnique, IndexAlgorithm algorithm, Integer... positions) {
            String indexName = name + "_idx_" + indexes.size();
            indexes.add(new IndexDef(
                    indexName, indexName + "_source", Optional.empty(), algorithm, List.of(positions), isUnique));
            if (isUnique) {
                List<Integer> sorted = List.of(positions).stream().sorted().toList();
                constraints.add(new UniqueConstraintDef(indexName + "_key", sorted));
            }
            return this;
        }

        TableBuilder sequence(int column, long start, long min, long max, long increment) {
            return sequence(
                    column,
                    BigInteger.valueOf(start),
                    BigInteger.valueOf(min),
                    BigInteger.valueOf(max),
                    BigInteger.valueOf(increment));
        }

        TableBuilder sequence(int column, BigInteger start, BigInteger min, BigInteger max, BigInteger increment) {
            sequences.add(new SequenceDef(name + "_" + column + "_seq", column, start, min, max, increment));
            return this;
        }

        /** With the bounds that a sequence has where the module names none. */
        TableBuilder sequence(int column) {
            BigInteger max = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);
            return sequence(column, BigInteger.ONE, BigInteger.ONE, max, BigInteger.ONE);
        }

        TableBuilder scheduledAt(int column) {
            schedule = Optional.of(new ScheduleDef(name + "_schedule", column, "run_" + name));
            return this;
        }

        TableBuilder access(TableAccess value) {
            access = value;
            return this;
        }

        TableBuilder event() {
            isEvent = true;
            return this;
        }

        TableDef build() {
            return new TableDef(
                    name,
                    sourceName,
                    0,
                    columns,
                    OptionalInt.empty(),
                    indexes,
                    constraints,
                    sequences,
                    schedule,
                    access,
                    isEvent,
                    defaults);
        }
    }
}
